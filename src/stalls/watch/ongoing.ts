// Stalls that last, as those see them who act before they are over: health, the stall file, the log and the dump.

import type { StallReport } from '../blame/stall-report.js';
import type { Target } from './interrupt.js';

/** A stall that lasts. */
export interface OngoingStall {
  readonly thread: string;
  readonly target: Target;
  /** The loop's last turn, in monotonic milliseconds: another stall has another one. */
  readonly sinceMs: number;
  /** How long the loop has not turned, less the time in which nothing of this process ran, in milliseconds. */
  readonly blockedMs: number;
  /** Whether what holds the loop is the start of the program. */
  readonly isStarting: boolean;
  /** What is known of it; takes a moment. */
  report(): StallReport;
}

/** A thread by its name, and what its loop tells. */
export interface WatchedThread {
  readonly thread: string;
  readonly target: Target;
  readonly record: Float64Array;
}

/**
 * Whether nobody has to be told: a developer looks at the program in a debugger, or a worker waits for its next task,
 * as those of some pools do.
 */
export function isExpected({ thread, cause }: StallReport): boolean {
  return cause === 'debugger' || (cause === 'wait' && thread !== 'main');
}

/** Picks out the stalls that reached a further stage since the last call; stage 0 is none. */
export type Stages = (stalls: readonly OngoingStall[]) => OngoingStall[];

/** Creates the memory of stages. */
export function createStages(stageOf: (stall: OngoingStall) => number): Stages {
  let reached = new Map<string, number>();
  return (stalls) => {
    const now = new Map<string, number>();
    const further = stalls.filter((stall) => {
      const key = `${stall.target} ${stall.sinceMs}`;
      const before = reached.get(key) ?? 0;
      const stage = stageOf(stall);
      now.set(key, Math.max(before, stage));
      return stage > before;
    });
    reached = now;
    return further;
  };
}
