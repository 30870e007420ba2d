// How many workers a queue needs so that its tasks wait no longer than they should.

/** A queue as it was in some time. */
export interface QueueLoad {
  /** Tasks that came in, per second. */
  readonly arrivalsPerS: number;
  /** Mean run of a task, in seconds. */
  readonly runS: number;
  /** Longest mean wait that is wanted, in seconds. */
  readonly targetWaitS: number;
}

/**
 * The least number of workers with which tasks wait at most `targetWaitS` on average: with `work` = arrivals × run, the
 * workers that are busy at any time, c workers make tasks wait about run × work / (c × (c − work)). That is exact for one
 * worker and random arrivals (M/M/1) and more than the truth for several, so that the answer is on the safe side.
 *
 * @example
 * workersNeeded({ arrivalsPerS: 10, runS: 0.05, targetWaitS: 0.1 }); // 1
 */
export function workersNeeded({ arrivalsPerS, runS, targetWaitS }: QueueLoad): number {
  const work = arrivalsPerS * runS;
  const exact = (work + Math.sqrt(work * work + (4 * work * runS) / targetWaitS)) / 2;
  // 2.0000000000000004 workers are 2.
  return Math.max(1, Math.ceil(exact - 1e-9));
}
