// Frames of ours on top of a stack: where one function was wrapped several times, the outer wrapper called the inner one.
import { callSites } from '../../src/call-sites.js';
import type { RawFrame } from '../../src/stalls/loop/raw-frame.js';

let ours: readonly string[] | undefined;

/** The frames below those of ours. */
export function withoutOurs(frames: readonly RawFrame[]): readonly RawFrame[] {
  ours ??= placesOfOurs();
  const places = ours;
  const first = frames.findIndex(([, file]) => !places.some((place) => file.startsWith(place)));
  return first <= 0 ? frames : frames.slice(first);
}

/** Whether `call`, which these frames made, is one that we make ourselves: none of our wrappers, which have its name. */
export function isOurs(frames: readonly RawFrame[], call: string): boolean {
  const name = call.slice(call.lastIndexOf('.') + 1);
  const own = frames.length - withoutOurs(frames).length;
  return frames.slice(0, own).some(([functionName]) => !functionName.endsWith(name));
}

// The folders that our modules lie in, or the one file that they were bundled into.
function placesOfOurs(): readonly string[] {
  const own = callSites(placesOfOurs, 1)[0]?.getFileName() ?? '';
  const at = own.search(/instrumentations[\\/]blocking-calls[\\/]own-frames\.[jt]s$/);
  if (at !== -1) return [`${own.slice(0, at)}instrumentations`, `${own.slice(0, at)}src`];
  return own === '' ? [] : [own];
}
