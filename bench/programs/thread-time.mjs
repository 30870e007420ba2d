// CPU time of the main thread alone: on a busy machine the time that its loop is active contains that of others.
import { readFileSync } from 'node:fs';

/** CPU time of the main thread so far, in microseconds; NaN where the kernel does not tell. */
export function readMainThreadUs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
  } catch {
    return Number.NaN;
  }
}
