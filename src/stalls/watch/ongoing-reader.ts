// Reads from the watch of a loop whether it is held right now.
import type { Clock } from '../../clock.js';
import { isStart } from '../blame/describe-stall.js';
import type { StallEvidence } from '../blame/evidence.js';
import type { StallReport } from '../blame/stall-report.js';
import { field, LOOP, TURNS_BEFORE_WATCH } from '../loop/loop-record.js';
import type { Target } from './interrupt.js';
import type { OngoingStall } from './ongoing.js';
import type { ThreadWatch } from './thread-watch.js';

export interface OngoingReaderOptions {
  /** What the main loop tells of itself. */
  readonly record: Float64Array;
  readonly clock: Clock;
  readonly thresholdMs: number;
  /** When the observer began, which is when the program does. */
  readonly startedMs: number;
  /** How long the observer itself did not run between two moments. */
  readonly gapMs: (fromMs: number, toMs: number) => number;
  readonly describe: (evidence: StallEvidence, thread: string) => StallReport;
}

/** The stall of one loop, if it has one: a list of one or none. */
export type OngoingReader = (watch: ThreadWatch, thread: string, target: Target) => OngoingStall[];

/** Creates the reader. */
export function createOngoingReader(options: OngoingReaderOptions): OngoingReader {
  const { clock, startedMs, describe } = options;
  return (watch, thread, target) => {
    const nowMs = clock.monotonicMs();
    const evidence = watch.current(nowMs) ?? (target === 'main' ? startSoFar(options, nowMs) : undefined);
    if (evidence === undefined) return [];
    const { fromMs, observerGapMs } = evidence;
    return [
      {
        thread,
        target,
        sinceMs: fromMs,
        blockedMs: nowMs - fromMs - observerGapMs,
        isStarting: fromMs === startedMs || isStart(evidence),
        report: () => describe(evidence, thread),
      },
    ];
  };
}

// Before its second turn the main loop is not watched; a program may never come to that.
function startSoFar(options: OngoingReaderOptions, nowMs: number): StallEvidence | undefined {
  const { record, thresholdMs, startedMs, gapMs } = options;
  if (field(record, LOOP.turns) >= TURNS_BEFORE_WATCH || nowMs - startedMs < thresholdMs) return undefined;
  return {
    fromMs: startedMs,
    toMs: nowMs,
    thresholdMs,
    captures: [],
    scheduler: [],
    gcMs: 0,
    observerGapMs: gapMs(startedMs, nowMs),
    hasDebugger: field(record, LOOP.debugger) !== 0,
  };
}
