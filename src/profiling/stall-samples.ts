// What the continuous profile saw of a stall: samples are taken also while a native call runs, which nothing else can interrupt.

import { pathOf } from '../stalls/blame/code-names.js';
import type { StallEvidence, TimedCapture } from '../stalls/blame/evidence.js';
import type { RawFrame } from '../stalls/loop/raw-frame.js';
import { isEntry, isIn } from './attribute.js';
import type { ProfileWindow } from './windows.js';

/** Frames of one stack. */
const FRAMES = 64;

type Stretch = Pick<StallEvidence, 'fromMs' | 'toMs' | 'captures'>;

/**
 * The samples of a stall as captures, one for each stretch in which the stack was the same. What the captures that were taken
 * knew of a function is taken over: where in it the thread was, its route and span.
 */
export function samplesOf(
  { fromMs, toMs, captures }: Stretch,
  windows: readonly ProfileWindow[],
  ownFolder: string,
): TimedCapture[] {
  const taken: TimedCapture[] = [];
  for (const window of windows) {
    let before = -1;
    for (const [index, place] of window.samples.entries()) {
      const atMs = window.timesMs[index] ?? 0;
      if (atMs < fromMs || atMs > toMs) continue;
      const frames = stackOf(window, place, ownFolder);
      if (frames.length === 0) continue;
      // The end of the stretch: each capture stands for the time since the one before it.
      if (place === before) taken.pop();
      before = place;
      taken.push({ askedMs: atMs, capture: { atMs, asyncId: 0, ...withKnown(frames, captures) } });
    }
  }
  return taken;
}

function stackOf({ frames, parents }: ProfileWindow, place: number, ownFolder: string): RawFrame[] {
  const stack: RawFrame[] = [];
  for (let at = place; at !== -1 && stack.length < FRAMES; at = parents[at] ?? -1) {
    const frame = frames[at];
    if (frame === undefined || isEntry(frame) || isIn(ownFolder, frame)) continue;
    const { functionName, url, lineNumber, columnNumber } = frame;
    const [line, column] = [lineNumber + 1, columnNumber + 1];
    // Native functions have no file.
    stack.push(
      url === '' ? [functionName, 'native', 0, 0, false] : [functionName, url, line, column, false, line, column],
    );
  }
  return stack;
}

/** The frames, and what is known of the callback that they are of: a capture right after a native call shows its caller. */
function withKnown(frames: RawFrame[], captures: readonly TimedCapture[]) {
  for (const { capture } of captures) {
    const places = new Map(capture.frames.map((frame) => [beginOf(frame), frame]));
    const isSame = frames.some(
      (frame) => frame[1] !== 'native' && !frame[1].startsWith('node:') && places.has(beginOf(frame)),
    );
    if (!isSame) continue;
    const { span, route } = capture;
    return {
      frames: frames.map((frame) => places.get(beginOf(frame)) ?? frame),
      ...(span === undefined ? {} : { span }),
      ...(route === undefined ? {} : { route }),
    };
  }
  return { frames };
}

// Call sites have paths where profiles have URLs, and begin a function at another column.
const beginOf = ([, file, , , , line]: RawFrame): string => `${pathOf(file)}:${line}`;
