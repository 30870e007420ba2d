// Arithmetic on what worker loops did: cumulative time of each, and time within the last seconds by our own clock.

/** Length of the window of a utilization, in milliseconds. */
export const WINDOW_MS = 10_000;
// Readings that are closer than this to the last one kept add nothing to a window of 10 s.
const SAMPLE_SPACING_MS = 500;

/** Time that a loop spent since it began, in milliseconds. */
export interface LoopTime {
  readonly activeMs: number;
  readonly idleMs: number;
}

interface Sample extends LoopTime {
  readonly atMs: number;
}

/** Follows one loop. */
export interface LoopUsage {
  /**
   * Takes a reading of `eventLoopUtilization()`; one that is lower than the last, as after the end, is ignored. `waitedMs`
   * of its active time the thread only waited for its next task.
   */
  take(reading: { readonly active: number; readonly idle: number }, nowMs: number, waitedMs?: number): void;
  /** Time since the loop began. */
  readonly total: LoopTime;
  /** Time since the latest sample that is at least `WINDOW_MS` old, else since the loop was found. */
  recent(): LoopTime;
}

/** Begins to follow a loop that has done nothing before `nowMs`. */
export function createLoopUsage(nowMs: number): LoopUsage {
  const samples: Sample[] = [{ atMs: nowMs, activeMs: 0, idleMs: 0 }];
  let total: LoopTime = { activeMs: 0, idleMs: 0 };
  let longestWaitedMs = 0;
  return {
    get total() {
      return total;
    },
    take({ active, idle }, nowMs, waitedMs = 0) {
      // A thread that has ended tells neither.
      longestWaitedMs = Math.max(longestWaitedMs, waitedMs);
      const waited = Math.min(longestWaitedMs, active);
      // The figures are read a moment apart, so either may fall by a little; a counter must not.
      total = {
        activeMs: Math.max(total.activeMs, active - waited),
        idleMs: Math.max(total.idleMs, idle + waited),
      };
      const last = samples.at(-1);
      if (last === undefined || nowMs - last.atMs >= SAMPLE_SPACING_MS) samples.push({ atMs: nowMs, ...total });
      for (let second = samples[1]; second !== undefined && nowMs - second.atMs >= WINDOW_MS; second = samples[1]) {
        samples.shift();
      }
    },
    recent() {
      const { activeMs, idleMs } = samples[0] ?? { activeMs: 0, idleMs: 0 };
      return { activeMs: total.activeMs - activeMs, idleMs: total.idleMs - idleMs };
    },
  };
}

/** Adds up times of several loops. */
export function addLoopTimes(times: Iterable<LoopTime>): LoopTime {
  let activeMs = 0;
  let idleMs = 0;
  for (const time of times) {
    activeMs += time.activeMs;
    idleMs += time.idleMs;
  }
  return { activeMs, idleMs };
}

/** Active time by total time; NaN where there was none. */
export function utilizationOf({ activeMs, idleMs }: LoopTime): number {
  return activeMs / (activeMs + idleMs);
}
