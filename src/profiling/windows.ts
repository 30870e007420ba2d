// The last windows of the continuous profile, read into times and stacks: for stalls, which are told of when they are over, and
// for whoever records meanwhile.
import type { V8CallFrame, V8Profile } from '../profile/v8-profile.js';

/** One window. Times in monotonic milliseconds, which is V8's own clock. */
export interface ProfileWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Functions as they were called, each after its caller; `parent` is −1 for the first. */
  readonly frames: readonly V8CallFrame[];
  readonly parents: Int32Array;
  /** What was seen, and when: places in `frames`. */
  readonly samples: Int32Array;
  readonly timesMs: Float64Array;
}

/** Stalls are told of within this time after their begin, but for those that lasted longer. */
const KEPT_MS = 60_000;
const SAMPLES_KEPT = 20_000;

/** What is kept. */
export interface ProfileWindows {
  add(profile: V8Profile): ProfileWindow;
  /** Those that have anything of a stretch, in their order. */
  within(fromMs: number, toMs: number): readonly ProfileWindow[];
  /** Keeps all profiles from now on until `end`. */
  follow(): { profiles(): readonly V8Profile[]; end(): void };
}

/** Creates an empty memory. */
export function createProfileWindows(): ProfileWindows {
  let kept: ProfileWindow[] = [];
  const followers = new Set<V8Profile[]>();
  return {
    add(profile) {
      for (const follower of followers) follower.push(profile);
      const window = readWindow(profile);
      kept.push(window);
      let samples = 0;
      const firstMs = window.toMs - KEPT_MS;
      // The newest one stays, however large it is.
      kept = kept
        .reverse()
        .filter((one, index) => {
          samples += one.samples.length;
          return index === 0 || (one.toMs > firstMs && samples <= SAMPLES_KEPT);
        })
        .reverse();
      return window;
    },
    within: (fromMs, toMs) => kept.filter((window) => window.toMs > fromMs && window.fromMs < toMs),
    follow() {
      const profiles: V8Profile[] = [];
      followers.add(profiles);
      return {
        profiles: () => profiles,
        end: () => void followers.delete(profiles),
      };
    },
  };
}

/** Reads a profile. */
export function readWindow({ nodes, samples = [], timeDeltas = [], startTime, endTime }: V8Profile): ProfileWindow {
  const places = new Map<number, number>();
  for (const [place, { id }] of nodes.entries()) places.set(id, place);
  const parents = new Int32Array(nodes.length).fill(-1);
  for (const [place, { children = [] }] of nodes.entries()) {
    for (const child of children) {
      const at = places.get(child);
      if (at !== undefined) parents[at] = place;
    }
  }
  const timesMs = new Float64Array(samples.length);
  let atUs = startTime;
  for (const [index] of samples.entries()) {
    atUs += timeDeltas[index] ?? 0;
    timesMs[index] = atUs / 1000;
  }
  return {
    fromMs: startTime / 1000,
    toMs: endTime / 1000,
    frames: nodes.map(({ callFrame }) => callFrame),
    parents,
    samples: Int32Array.from(samples, (id) => places.get(id) ?? 0),
    timesMs,
  };
}
