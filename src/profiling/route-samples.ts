// The routes of samples: a sample tells when it was taken, and the main thread noted in windows what ran for which route.
import type { V8Profile, V8SampleRoutes } from '../profile/v8-profile.js';
import { ownerReader, type RouteName, type RouteWindow } from '../route-windows.js';

/** Who records sees no more than a minute, and two windows are hardly ever in half of that. */
const KEPT_MS = 90_000;
const WINDOWS_KEPT = 16;

/** The last windows in which requests were followed. */
export interface RouteMemory {
  add(window: RouteWindow): void;
  within(fromMs: number, toMs: number): readonly RouteWindow[];
}

/** Creates an empty memory. */
export function createRouteMemory(): RouteMemory {
  let kept: readonly RouteWindow[] = [];
  return {
    add(window) {
      kept = [...kept, window].filter(({ endMs }) => endMs > window.endMs - KEPT_MS).slice(-WINDOWS_KEPT);
    },
    within: (fromMs, toMs) => kept.filter((window) => window.endMs > fromMs && window.fromMs < toMs),
  };
}

/** The route of each sample of a profile; undefined where none is known of any. */
export function routesOfSamples(
  { startTime, samples = [], timeDeltas = [] }: V8Profile,
  windows: readonly RouteWindow[],
): V8SampleRoutes | undefined {
  const readers = windows.map((window) => ({ ownerAt: ownerReader(window), window }));
  const names: string[] = [];
  const places = new Map<string, number>();
  const ofSamples = samples.map(() => -1);
  // V8 hands them over in the order in which they were processed.
  let atUs = startTime;
  const inOrder = samples
    .map((_, index) => {
      atUs += timeDeltas[index] ?? 0;
      return { index, atMs: atUs / 1000 };
    })
    .sort((one, other) => one.atMs - other.atMs);
  for (const { index, atMs } of inOrder) {
    for (const { ownerAt, window } of readers) {
      const name = textOf(window.routes[ownerAt(atMs) ?? -1]);
      if (name === undefined) continue;
      const place = places.get(name) ?? names.push(name) - 1;
      places.set(name, place);
      ofSamples[index] = place;
    }
  }
  return names.length === 0 ? undefined : { names, ofSamples };
}

const textOf = (name: RouteName | undefined): string | undefined =>
  name?.route === undefined ? undefined : `${name.method} ${name.route}`;
