// Which stalls are logged: on a terminal each of them, elsewhere long ones, once for each culprit in a while.

import type { StallReport } from '../blame/stall-report.js';
import { createCulpritPause } from './culprit-pause.js';
import { stallJson, stallSentence } from './stall-sentence.js';

/** A line of JSON is written from this length on. */
export const JSON_FROM_MS = 1000;
/** And then no more than once in this time for the same culprit. */
export const JSON_EVERY_MS = 10 * 60_000;
/** On a terminal a culprit that stalls all the time is shown once in this time. */
export const TEXT_EVERY_MS = 1000;

/** Turns reports into lines, or into nothing. */
export type StallLog = (report: StallReport, nowMs: number) => string | undefined;

/** Creates the log; `text` for a terminal, `json` for collectors. */
export function createStallLog(format: 'text' | 'json' | 'off'): StallLog {
  const pause = createCulpritPause(format === 'json' ? JSON_EVERY_MS : TEXT_EVERY_MS);

  return (report, nowMs) => {
    if (format === 'off' || report.cause === 'debugger') return undefined;
    if (format === 'json' && report.durationMs < JSON_FROM_MS) return undefined;
    const leftOut = pause(report, nowMs);
    if (leftOut === undefined) return undefined;
    if (format === 'json') return stallJson(report, leftOut);
    const more = leftOut === 0 ? '' : ` (${leftOut} more of it left out)`;
    return `loopsight: ${stallSentence(report)}${more}`;
  };
}
