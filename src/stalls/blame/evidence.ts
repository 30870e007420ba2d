// What was seen of one stall, by the observer and by the loop itself. All times are monotonic milliseconds.
import type { RawCapture } from '../loop/capture.js';

/** A capture whose answer came later than this has waited, perhaps for a native call to return. */
export const PROMPT_MS = 15;

/** A capture and when it was asked for. */
export interface TimedCapture {
  readonly askedMs: number;
  readonly capture: RawCapture;
}

/** How the system's scheduler treated the thread over a part of the stall. */
export interface SchedulerSample {
  /** Time that the sample speaks of. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Time ready to run without a processor. */
  readonly runQueueMs: number;
  /** R, S or D at its end; empty where it is not known. */
  readonly state: string;
  /** What a sleeping thread waits in, by the kernel's name; empty where it is not known. */
  readonly waitsIn: string;
}

/** What several samples say together. */
export type SchedulerTimes = Pick<SchedulerSample, 'wallMs' | 'cpuMs' | 'runQueueMs'>;

/** Adds up the times of samples. */
export function totalOf(samples: readonly SchedulerSample[]): SchedulerTimes {
  const total = { wallMs: 0, cpuMs: 0, runQueueMs: 0 };
  for (const { wallMs, cpuMs, runQueueMs } of samples) {
    total.wallMs += wallMs;
    total.cpuMs += cpuMs;
    total.runQueueMs += runQueueMs;
  }
  return total;
}

/** Everything that is known of one stall. */
export interface StallEvidence {
  readonly fromMs: number;
  readonly toMs: number;
  readonly thresholdMs: number;
  readonly captures: readonly TimedCapture[];
  readonly scheduler: readonly SchedulerSample[];
  readonly gcMs: number;
  /** Events of I/O that the loop handled in the stall and in the turn before; absent while it lasts. */
  readonly events?: number;
  /** The longest that one callback can have taken, by the requests that began meanwhile; absent while it lasts. */
  readonly longestMs?: number;
  /** Time within the stall in which the observer did not run either. */
  readonly observerGapMs: number;
  readonly hasDebugger: boolean;
}
