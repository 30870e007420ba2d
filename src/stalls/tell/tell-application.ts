// What the main thread does with a report: it tells the application, by its own callback, as a span, and as a log record.
import { type Clock, systemClock } from '../../clock.js';
import { reportFailure } from '../../diagnostics.js';
import type { StallReport } from '../blame/stall-report.js';
import { createStallLogRecords } from './stall-log-record.js';
import { createStallSpans } from './stall-span.js';

/** A program that does not serve is taken as started after this time, in milliseconds. */
const START_MS = 10_000;

export interface TellApplicationOptions {
  /** The application's own callback; it gets every report. */
  readonly onStall: ((report: StallReport) => void) | undefined;
  /** Whether the program has begun to serve: until then its stalls are its start, and neither spans nor logs tell of them. */
  readonly isServing: () => boolean;
  readonly clock?: Clock;
}

/** Creates what takes each report. It never throws: what the application does with a report is its own code. */
export function createStallTeller(options: TellApplicationOptions): (report: StallReport) => void {
  const { onStall, isServing, clock = systemClock } = options;
  const startedMs = clock.monotonicMs();
  const makeSpan = createStallSpans();
  const makeLogRecord = createStallLogRecords();

  return (report) => {
    attempt('onStall failed', () => onStall?.(report));
    if (report.cause === 'debugger') return;
    const nowMs = clock.monotonicMs();
    if (!isServing() && nowMs - startedMs < START_MS) return;
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
