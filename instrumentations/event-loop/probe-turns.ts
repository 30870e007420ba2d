// When a loop is woken for its lag probes, and what those waited for which it was not: the same in every thread.
// Small, because it is loaded into every worker thread.
import { performance } from 'node:perf_hooks';
import { lostSleep } from '../../src/lost-sleep.js';
import { readLoopMetrics } from '../../src/stalls/loop/loop-metrics.js';
import type { LagProbes } from './lag-probes.js';
import { createSleepWatch, type SleepingStretch, waitWhileSleeping } from './sleeping-loop.js';

export interface ProbeTurnsOptions {
  readonly probes: LagProbes;
  /** The loop is to turn at least this often, also when no probe is due, in milliseconds. */
  readonly turnEveryMs: number;
  /** The same while the loop sleeps; infinite where the probes are to be woken for always. */
  readonly sleepingTurnEveryMs: number;
}

/** When a loop is to turn again. */
export interface NextTurn {
  /** In milliseconds of the monotonic clock. */
  readonly dueMs: number;
  /** Whether the loop sleeps until then and is not woken for the probes before. */
  readonly isSleeping: boolean;
}

/** The turns of one loop that sleeps or does not. */
export interface ProbeTurns {
  /** Records the probes that were due at `nowMs`; says when the next turn is to be. */
  turn(nowMs: number): NextTurn;
  /** The thread was free for whoever came, outside of its loop, from the last turn until `nowMs`: no probe waited. */
  free(nowMs: number): void;
}

/** Creates the turns of the calling thread's loop. */
export function createProbeTurns({ probes, turnEveryMs, sleepingTurnEveryMs }: ProbeTurnsOptions): ProbeTurns {
  const sleep = createSleepWatch();
  const timing = performance.nodeTiming;
  /** The turn that was to come, while the loop sleeps and no probe wakes it. */
  let slept: { readonly dueMs: number; readonly iterations: number } | undefined;

  return {
    turn(nowMs) {
      const busyMs = sleep.turned(nowMs, timing.idleTime + lostSleep().ms);
      const { isSleeping } = sleep;
      const iterations = slept !== undefined || isSleeping ? countIterations() : 0;
      const waitOf =
        slept === undefined
          ? undefined
          : waitsIn({ nowMs, busyMs, dueMs: slept.dueMs, iterations: iterations - slept.iterations });
      const probeDueMs = probes.turn(nowMs, waitOf);
      // Waking is what an idle loop costs, so that one that sleeps turns no more often than its stalls ask for.
      const mayOversleep = isSleeping && Number.isFinite(sleepingTurnEveryMs);
      const dueMs = mayOversleep ? nowMs + sleepingTurnEveryMs : Math.min(nowMs + turnEveryMs, probeDueMs);
      slept = mayOversleep ? { dueMs, iterations } : undefined;
      return { dueMs, isSleeping: mayOversleep };
    },
    free(nowMs) {
      sleep.turned(nowMs, timing.idleTime + lostSleep().ms);
      slept = undefined;
      probes.turn(nowMs, () => 0);
    },
  };
}

// A Node that does not count them: all was done in one.
const countIterations = () => readLoopMetrics()?.loopCount ?? 0;

const waitsIn =
  (stretch: SleepingStretch): ((atMs: number) => number) =>
  (atMs) =>
    waitWhileSleeping(stretch, atMs);
