// A loop that sleeps need not be woken for each probe: its own account of its sleep tells what the probes would have waited.

/** A stretch between two turns of our timer, in which the loop was not woken for probes. Times in milliseconds. */
export interface SleepingStretch {
  /** When the turn that ended it was due. */
  readonly dueMs: number;
  readonly nowMs: number;
  /** Time of the stretch in which the loop did not sleep. */
  readonly busyMs: number;
  /** Iterations of the loop in the stretch. */
  readonly iterations: number;
}

/** A stretch in which the loop was busy for less than this was slept through: our own turn takes some of it. */
const CALM_MS = 2;
/** After so many of them in a row the loop counts as sleeping; about a second. */
const CALM_STRETCHES = 20;
/** One that was busy for less than this did little work, or waited for a processor: that calls for fewer calm ones, … */
const SLIGHT_MS = 10;
/** … so many. */
const CALM_AFTER_SLIGHT = 5;
/** A turn that is later than this was not late because the loop had to wake up. */
const WAKING_MS = 20;

/**
 * What a probe that was due at `atMs` would have waited in `stretch`, in milliseconds. What the loop did is taken as done
 * at the end, in iterations of equal length: a single long one, which is what matters, is in its place when it made our
 * turn late, and else somewhere in a stretch that chance has begun. While it slept, a probe would have met the time that
 * it takes to wake up.
 */
export function waitWhileSleeping({ dueMs, nowMs, busyMs, iterations }: SleepingStretch, atMs: number): number {
  const beforeEndMs = Math.max(0, nowMs - atMs);
  if (atMs >= dueMs) return beforeEndMs;
  if (beforeEndMs < busyMs) {
    const eachMs = busyMs / Math.max(1, iterations);
    return beforeEndMs % eachMs;
  }
  const lateMs = Math.max(0, nowMs - dueMs);
  return busyMs < CALM_MS && lateMs < WAKING_MS ? lateMs : 0;
}

/** Follows whether a loop sleeps. */
export interface SleepWatch {
  readonly isSleeping: boolean;
  /** Takes a turn; returns how busy the loop was since the last one, in milliseconds. */
  turned(nowMs: number, idleMs: number): number;
}

/** Creates the watch of a loop that does not sleep yet. */
export function createSleepWatch(): SleepWatch {
  let beforeMs = Number.NaN;
  let idleBeforeMs = 0;
  let calm = 0;
  return {
    get isSleeping() {
      return calm >= CALM_STRETCHES;
    },
    turned(nowMs, idleMs) {
      const busyMs = Math.max(0, nowMs - beforeMs - (idleMs - idleBeforeMs));
      beforeMs = nowMs;
      idleBeforeMs = idleMs;
      if (busyMs < CALM_MS) calm = Math.min(CALM_STRETCHES, calm + 1);
      else calm = busyMs < SLIGHT_MS ? Math.min(calm, CALM_STRETCHES - CALM_AFTER_SLIGHT) : 0;
      return busyMs;
    },
  };
}
