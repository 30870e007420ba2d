// Where a call waits: the place in the code that made its newest promise. Read from the stack, so only while somebody asks.
import { callSites } from '../call-sites.js';
import { pathOf } from '../stalls/blame/code-names.js';
import { originOf } from '../stalls/blame/frames.js';
import { fileOf, frameOf, type RawFrame } from '../stalls/loop/raw-frame.js';

/** Above the place there are libraries, and what the engine calls between two frames. */
const DEPTH = 24;

/**
 * The innermost frame of the application below the function `below`, which must be on the stack, as text for `noteWhere`;
 * undefined where there is none. Takes some microseconds.
 */
export function whereNow(below: (...args: never[]) => unknown): string | undefined {
  for (const site of callSites(below, DEPTH)) {
    const file = fileOf(site);
    if (originOf(pathOf(file)) === 'application') return JSON.stringify(frameOf(site, file));
  }
  return undefined;
}

/** Reads what `whereNow` returned; undefined where it was cut. */
export function readWhere(text: string): RawFrame | undefined {
  try {
    return JSON.parse(text) as RawFrame;
  } catch {
    return undefined;
  }
}
