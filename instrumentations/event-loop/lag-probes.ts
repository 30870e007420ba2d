// The schedule and arithmetic of lag probes: random arrivals, each of which waits until the loop turns.

export interface LagProbesOptions {
  /** Mean of the exponential gaps between probes, in milliseconds. */
  readonly meanMs: number;
  /** Uniform random numbers in [0, 1). */
  readonly random: () => number;
  /** Receives the wait of each probe, in milliseconds. */
  readonly record: (waitMs: number) => void;
}

/** A Poisson stream of probes. Arrivals of such a stream see time averages (PASTA), whatever rhythm the loop has. */
export interface LagProbes {
  /**
   * Records every probe that is due at `nowMs` and returns when the next one is; the first call only sets the schedule.
   * `waitOf` tells what a probe waited that was due at a time for which no timer was armed; else it waited until now.
   */
  turn(nowMs: number, waitOf?: (dueMs: number) => number): number;
}

/** A timer that fires at most this long before its probe is due is taken as the arrival: timers count in whole milliseconds. */
export const TIMER_GRAIN_MS = 1;

/** About as many probes are recorded for one stretch without a turn, however long it was (a suspended process, say). */
export const PROBES_PER_STRETCH = 10_000;

/** Creates a stream of probes that starts with the first `turn`. */
export function createLagProbes({ meanMs, random, record }: LagProbesOptions): LagProbes {
  // 1 - random() lies in (0, 1], so that the logarithm is finite.
  const gap = (mean: number) => -mean * Math.log(1 - random());
  let dueMs = Number.NaN;

  return {
    turn(nowMs, waitOf = (atMs) => Math.max(0, nowMs - atMs)) {
      if (Number.isNaN(dueMs)) {
        dueMs = nowMs + gap(meanMs);
        return dueMs;
      }
      // Fewer probes, equally spread over the stretch, keep its distribution.
      const mean = Math.max(meanMs, (nowMs - dueMs) / PROBES_PER_STRETCH);
      while (dueMs < nowMs + TIMER_GRAIN_MS) {
        record(waitOf(dueMs));
        dueMs += gap(mean);
      }
      // Exponential gaps have no memory: the next one may be drawn anew from here, with its own mean.
      if (mean > meanMs) dueMs = nowMs + gap(meanMs);
      return dueMs;
    },
  };
}
