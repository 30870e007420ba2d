// How soon an observer that has ended is started again, and when it stays away.

/** Waits before the restarts; after the last one the observer stays away. */
const DELAYS_MS = [1_000, 10_000, 60_000] as const;
/** One that ran for this long is not one that cannot run: of a program that runs for months each end would count else. */
const RAN_WELL_MS = 3_600_000;

/** The restarts so far. */
export interface RestartDelays {
  /** In how many milliseconds an observer that ran for `ranMs` is to be started again; undefined when it stays away. */
  next(ranMs: number): number | undefined;
}

/** Creates it for an observer that has not ended yet. */
export function createRestartDelays(): RestartDelays {
  let restarts = 0;
  return {
    next(ranMs) {
      if (ranMs >= RAN_WELL_MS) restarts = 0;
      return DELAYS_MS[restarts++];
    },
  };
}
