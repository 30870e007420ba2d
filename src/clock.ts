// Time for everything in Loopsight: a monotonic clock that all threads of a process share, and the wall clock.
import { performance } from 'node:perf_hooks';

/** Two sources of time, injected so that tests can move them. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes back and is the same in every thread of the process. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch; may jump, so never use it for a duration. */
  unixMs(): number;
}

// performance.now() counts from the start of its own thread; process.hrtime() is the same clock without that origin.
// The thread may lose the CPU between the two readings, so the closest of several pairs counts.
const threadOriginMs = (() => {
  let closestMs = Number.POSITIVE_INFINITY;
  let originMs = 0;
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const after = performance.now();
    if (after - before >= closestMs) continue;
    closestMs = after - before;
    originMs = seconds * 1000 + nanoseconds / 1e6 - (before + after) / 2;
  }
  return originMs;
})();

/** The clocks of the running process. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now() + threadOriginMs,
  unixMs: () => Date.now(),
};
