// A stall as a record of OpenTelemetry's Logs API, where the application has a logger provider.

import type { StallReport } from '../blame/stall-report.js';
import { contextOf, hrTime, registeredLogger } from './api-globals.js';
import { type CulpritPause, createCulpritPause } from './culprit-pause.js';
import { stallAttributes } from './stall-attributes.js';
import { stallSentence } from './stall-sentence.js';
import { SPAN_EVERY_MS, STALL_EVENT } from './stall-span.js';

/** WARN of the logs data model. */
const WARN = { severityNumber: 13, severityText: 'WARN' } as const;

/** Creates what makes log records of stalls: of each culprit as many as there are spans. */
export function createStallLogRecords(pause: CulpritPause = createCulpritPause(SPAN_EVERY_MS)) {
  return (report: StallReport, nowMs: number): void => {
    const logger = registeredLogger();
    if (logger === undefined) return;
    const leftOut = pause(report, nowMs);
    if (leftOut === undefined) return;
    logger.emit({
      eventName: STALL_EVENT,
      // When it was over, as everything else that is logged of it.
      timestamp: hrTime(report.startUnixMs + report.durationMs),
      ...WARN,
      body: stallSentence(report),
      attributes: stallAttributes(report, leftOut),
      context: contextOf(report.span),
    });
  };
}
