// What the main thread does with a report: it tells the application, by its own callback, as a span, and as a log record.
import { type Clock, systemClock } from '../../clock.js';
import { reportFailure } from '../../diagnostics.js';
import { sharedState } from '../../shared-state.js';
import type { StallReport } from '../blame/stall-report.js';
import { createStallLogRecords } from './stall-log-record.js';
import { createStallSpans } from './stall-span.js';

export interface TellApplicationOptions {
  /** The application's own callback; it gets every report. */
  readonly onStall: ((report: StallReport) => void) | undefined;
  /** Our own use of each report on this thread. @default none */
  readonly onReport?: (report: StallReport) => void;
  readonly clock?: Clock;
}

/** Takes a report, and whether the program had started: neither spans nor logs tell of its start. */
export type StallTeller = (report: StallReport, isStarted: boolean) => void;

/** Creates what takes each report. It never throws: what the application does with a report is its own code. */
export function createStallTeller({ onStall, onReport, clock = systemClock }: TellApplicationOptions): StallTeller {
  const makeSpan = createStallSpans();
  const makeLogRecord = createStallLogRecords();

  return (report, isStarted) => {
    attempt('onStall failed', () => onStall?.(report));
    attempt('a stall could not be shown in the lag', () => onReport?.(report));
    for (const figures of sharedState().stallFigures ?? []) {
      attempt('a stall could not be counted', () => figures.count(report));
    }
    if (!isStarted || report.cause === 'debugger') return;
    const nowMs = clock.monotonicMs();
    attempt('a span of a stall could not be made', () => makeSpan(report, nowMs));
    attempt('a log record of a stall could not be made', () => makeLogRecord(report, nowMs));
  };
}

function attempt(cause: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    reportFailure(cause, error);
  }
}
