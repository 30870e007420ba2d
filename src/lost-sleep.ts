// Sleep of this thread's loop that libuv did not count, because the signals of a profiler ended it early (src/profiling/).
import { sharedState } from './shared-state.js';

/** How much of it there was so far, in milliseconds; to be added to every reading of the loop's idle time. */
export interface LostSleep {
  ms: number;
}

let lost: LostSleep | undefined;

/** The account of this thread, which all copies of the package share. */
export function lostSleep(): LostSleep {
  if (lost === undefined) {
    const state = sharedState();
    state.lostSleep ??= { ms: 0 };
    lost = state.lostSleep;
  }
  return lost;
}
