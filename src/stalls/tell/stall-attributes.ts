// A report as attributes of spans and log records, by the names of the semantic conventions where they have one.
import { ATTRIBUTES } from '../../metric-names.js';
import type { CodePlace, StallReport } from '../blame/stall-report.js';

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
    ...(stack.length === 0 ? {} : { [ATTRIBUTES.codeStacktrace]: stackText(stack) }),
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

// As V8 writes a stack, with the files that the report has instead of those of the machine.
function stackText(stack: readonly CodePlace[]): string {
  return stack.map((place) => `    at ${describeFrame(place)}`).join('\n');
}

function describeFrame({ function: name, file, line, column }: CodePlace): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a function can be named anything, and a frame is one line.
  const plain = name.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
  if (file === '') return plain;
  return `${plain} (${file}${line > 0 ? `:${line}:${column}` : ''})`;
}
