// A timer that is armed again and again. Node keeps a list of timers for each delay, and making one costs more than the
// timer: the delay of the last time is had for nothing.
import timers from 'node:timers';

// As they are now: tests put timers of their own in their place, and one of these would be armed in vain for ever.
const { clearTimeout, setTimeout } = timers;

/** A timer for one moment after the other. */
export interface RearmedTimer {
  /** Calls back in `delayMs`, or up to `slackMs` later where that is cheaper; returns the delay. Only one is armed at a time. */
  arm(delayMs: number, slackMs?: number): number;
  stop(): void;
}

export interface RearmedTimerOptions {
  /** Whether the timer keeps its thread alive. */
  readonly ref: boolean;
}

/** Creates a timer that is not armed; it keeps the async context in which it is armed first. */
export function createRearmedTimer(onTime: () => void, { ref }: RearmedTimerOptions): RearmedTimer {
  let timer: NodeJS.Timeout | undefined;
  let lastMs = 0;
  return {
    arm(delayMs, slackMs = 0) {
      if (timer !== undefined && lastMs >= delayMs && lastMs <= delayMs + slackMs) {
        timer.refresh();
        return lastMs;
      }
      clearTimeout(timer);
      timer = setTimeout(onTime, delayMs);
      if (!ref) timer.unref();
      lastMs = delayMs;
      return delayMs;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
