// What the main thread does with a report: it tells the application, by its own callback, as a span, and as a log record.
import { type Clock, systemClock } from '../../clock.js';
import { reportFailure } from '../../diagnostics.js';
import type { StallReport } from '../blame/stall-report.js';
import { createStallLogRecords } from './stall-log-record.js';
import { createStallSpans } from './stall-span.js';

export interface TellApplicationOptions {
  /** The application's own callback; it gets every report. */
  readonly onStall: ((report: StallReport) => void) | undefined;
  readonly clock?: Clock;
}

/** Takes a report, and whether the program had started: neither spans nor logs tell of its start. */
export type StallTeller = (report: StallReport, isStarted: boolean) => void;

/** Creates what takes each report. It never throws: what the application does with a report is its own code. */
export function createStallTeller({ onStall, clock = systemClock }: TellApplicationOptions): StallTeller {
  const makeSpan = createStallSpans();
  const makeLogRecord = createStallLogRecords();

  return (report, isStarted) => {
    attempt('onStall failed', () => onStall?.(report));
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
