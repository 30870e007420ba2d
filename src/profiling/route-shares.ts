// What one window tells of routes: how long the loop ran for each, which the main thread noted, and in which functions, which
// samples tell.
import { OWNER, ownerReader, type RouteWindow } from '../route-windows.js';
import type { Attribution, CodeName } from './attribute.js';
import type { ProfileWindow } from './windows.js';

/** Time by function, in seconds. */
export type CodeTimes = Map<string, { readonly code: CodeName; seconds: number }>;

/** Of one window, in seconds. */
export interface RouteShares {
  /** Of each route, in the order of the window's: of the requests that began within it, what ran after it included. */
  readonly byRoute: readonly OwnerShare[];
  /** Of nobody, in callbacks; within the window alone, as what follows. */
  readonly nobody: OwnerShare;
  /** Outside of callbacks. */
  readonly outside: CodeTimes;
  /** What ran for requests after the window: as much ran within it, as nobody's, for those that began before. */
  readonly after: OwnerShare;
}

/** What ran for one owner. */
export interface OwnerShare {
  seconds: number;
  /** Samples, those included in which it only waited. */
  samples: number;
  /** How many of them each function has. */
  readonly codes: Map<string, { readonly code: CodeName; samples: number }>;
}

const createShare = (): OwnerShare => ({ seconds: 0, samples: 0, codes: new Map() });

/** A text for each function. */
export const keyOf = ({ name, file }: CodeName): string => `${name}\n${file}`;

/** Joins what was noted with the profile of the same time. */
export function readShares(
  window: RouteWindow,
  profiles: readonly ProfileWindow[],
  attributionOf: (profile: ProfileWindow) => Attribution,
): RouteShares {
  const byRoute = window.routes.map(createShare);
  const nobody = createShare();
  const outside: CodeTimes = new Map();
  const after = createShare();
  const shareOf = (owner: number): OwnerShare | undefined => (owner === OWNER.nobody ? nobody : byRoute[owner]);

  const { timesMs, owners, toMs, endMs } = window;
  for (const [index, fromMs] of timesMs.entries()) {
    const owner = owners[index] ?? OWNER.outside;
    const share = shareOf(owner);
    if (share === undefined) continue;
    const untilMs = timesMs[index + 1] ?? endMs;
    const lateMs = Math.max(0, untilMs - Math.max(fromMs, toMs));
    share.seconds += (untilMs - fromMs - (share === nobody ? lateMs : 0)) / 1000;
    if (share !== nobody) after.seconds += lateMs / 1000;
  }

  const ownerAt = ownerReader(window);
  for (const profile of profiles) {
    const attributed = attributionOf(profile);
    for (const [index, place] of profile.samples.entries()) {
      const atMs = profile.timesMs[index] ?? 0;
      const owner = ownerAt(atMs);
      if (owner === undefined || (owner < 0 && atMs >= toMs)) continue;
      const code = attributed(place);
      const share = shareOf(owner);
      if (share !== undefined) {
        count(share, code);
        if (atMs >= toMs) count(after, code);
      } else if (code !== undefined) {
        const untilMs = Math.min(profile.timesMs[index + 1] ?? profile.toMs, toMs);
        addTime(outside, code, (untilMs - atMs) / 1000);
      }
    }
  }
  return { byRoute, nobody, outside, after };
}

/** Adds time of a function. */
export function addTime(times: CodeTimes, code: CodeName, seconds: number): void {
  const key = keyOf(code);
  const known = times.get(key);
  if (known === undefined) times.set(key, { code, seconds });
  else known.seconds += seconds;
}

function count(share: OwnerShare, code: CodeName | undefined): void {
  share.samples++;
  if (code === undefined) return;
  const { codes } = share;
  const key = keyOf(code);
  const known = codes.get(key);
  if (known === undefined) codes.set(key, { code, samples: 1 });
  else known.samples++;
}
