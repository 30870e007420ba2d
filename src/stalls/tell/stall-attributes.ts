// A report as attributes of spans and log records, by the names of the semantic conventions where they have one.
import { ATTRIBUTES } from '../../metric-names.js';
import type { StallReport } from '../blame/stall-report.js';
import { stackLines } from './stack-text.js';

/** Attributes as OpenTelemetry takes them. */
export type StallAttributes = Readonly<Record<string, string | number>>;

/** Describes a stall; `leftOut` of its culprit were not told of since the last one that was. */
export function stallAttributes(report: StallReport, leftOut: number): StallAttributes {
  const { thread, cause, confidence, culprit, stack, route, waiting, durationMs } = report;
  return {
    [ATTRIBUTES.threadName]: thread,
    [ATTRIBUTES.stallCause]: cause,
    [ATTRIBUTES.stallConfidence]: confidence,
    [ATTRIBUTES.stallDuration]: secondsOf(durationMs),
    ...(culprit === undefined
      ? {}
      : {
          [ATTRIBUTES.codeFunctionName]: culprit.function,
          [ATTRIBUTES.codeFilePath]: culprit.file,
          [ATTRIBUTES.codeLineNumber]: culprit.line,
        }),
    ...(stack.length === 0 ? {} : { [ATTRIBUTES.codeStacktrace]: stackLines(stack).join('\n') }),
    ...routeAttributes(route),
    ...(waiting === undefined
      ? {}
      : {
          [ATTRIBUTES.stallWaitingRequests]: waiting.requests,
          [ATTRIBUTES.stallWaitingTime]: secondsOf(waiting.waitedMs),
        }),
    ...(leftOut === 0 ? {} : { [ATTRIBUTES.stallLeftOut]: leftOut }),
  };
}

/** A report's route, `POST /invoices` or a part of it, as the two attributes of the conventions. */
export function routeAttributes(route: string | undefined): Readonly<Record<string, string>> {
  const [, method, template] = /^([A-Z_]+)?(?: ?(\S.*))?$/s.exec(route ?? '') ?? [];
  return {
    ...(method === undefined ? {} : { [ATTRIBUTES.httpRequestMethod]: method }),
    ...(template === undefined ? {} : { [ATTRIBUTES.httpRoute]: template }),
  };
}

// To the microsecond.
const secondsOf = (ms: number) => Math.round(ms * 1000) / 1e6;
