// How long the loop of this thread has slept so far. Read from libuv's own account, which costs less than a reading of the clock.
import { performance } from 'node:perf_hooks';
import { lostSleep } from '../../../src/lost-sleep.js';

// Other runtimes have no such account.
const timing: { readonly idleTime: number } = performance.nodeTiming ?? { idleTime: 0 };

/** A reading is good for so long, in milliseconds: the loop cannot sleep for longer than that meanwhile. */
const FRESH_MS = 0.01;

let readAtMs = Number.NEGATIVE_INFINITY;
let readMs = 0;

/** Milliseconds that the loop was idle since it began; it does not change while code runs. */
export function loopIdleMs(): number {
  return timing.idleTime + lostSleep().ms;
}

/** The same as of now, which is `nowMs` by the monotonic clock: of calls that begin or end together only the first one reads it. */
export function loopIdleAt(nowMs: number): number {
  if (nowMs - readAtMs >= FRESH_MS) {
    readAtMs = nowMs;
    readMs = timing.idleTime + lostSleep().ms;
  }
  return readMs;
}
