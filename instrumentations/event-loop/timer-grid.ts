// Which whole millisecond to arm a timer for, so that it is early as often as late.

/** Weight of the newest timer in the mean of how late timers are. */
const WEIGHT = 1 / 16;

/** How late the timers of a loop that sleeps are in the mean. */
const SLEEPING_MS = 0.5;

/**
 * Node's timers turn at whole milliseconds of the monotonic clock. A loop that slept until then wakes up to 1 ms later,
 * one that never sleeps is there at once, so how late they are is learned from the timers themselves. A constant instead
 * would make each stretch of waiting look half a millisecond shorter or longer than it is in one of the two.
 */
export interface TimerGrid {
  /** Says that the timer that was armed last fired at `nowMs`. */
  fired(nowMs: number): void;
  /** The delay for `setTimeout` after which a timer that is armed at `nowMs` fires about at `dueMs`; in milliseconds. */
  delayUntil(dueMs: number, nowMs: number): number;
}

/** Creates a grid that begins with the lateness of a sleeping loop. */
export function createTimerGrid(): TimerGrid {
  let lateMs = SLEEPING_MS;
  let armedMs = Number.NaN;
  return {
    fired(nowMs) {
      const ms = nowMs - armedMs;
      // A timer that is later than its grain waited for the loop, which says nothing about the timer.
      if (ms >= 0 && ms < 1) lateMs = Math.min(SLEEPING_MS, lateMs + (ms - lateMs) * WEIGHT);
    },
    delayUntil(dueMs, nowMs) {
      const delayMs = Math.max(1, Math.floor(dueMs - lateMs + 0.5) - Math.floor(nowMs));
      armedMs = Math.floor(nowMs) + delayMs;
      return delayMs;
    },
  };
}
