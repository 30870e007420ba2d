// Which function of the application made a call that is under way.
import { functionName } from '../../src/stalls/blame/code-names.js';
import { culpritIndex, readFrames } from '../../src/stalls/blame/frames.js';
import { readCallers } from '../../src/stalls/loop/capture.js';
import type { RawFrame } from '../../src/stalls/loop/raw-frame.js';
import { withoutOurs } from './own-frames.js';

/** Enough for most calls; only where all of them are a library's is the whole stack read, which takes several times longer. */
const FEW = 8;

/** The name of the function that called `wrapper`, which is on the stack. */
export function callerName(wrapper: object): string {
  const few = readCallers(wrapper, FEW);
  const frames = readFrames(withoutOurs(few));
  const found = frames[culpritIndex(frames)];
  if (found?.origin === 'application' || few.length < FEW) return functionName(found?.function ?? '');
  return callerIn(readCallers(wrapper));
}

/** The name of the function that is to blame in the stack `raw`. */
export function callerIn(raw: readonly RawFrame[]): string {
  const frames = readFrames(withoutOurs(raw));
  return functionName(frames[culpritIndex(frames)]?.function ?? '');
}
