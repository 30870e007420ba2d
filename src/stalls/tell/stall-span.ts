// A stall as a span: back-dated, below the span that it blocked.

import type { StallReport } from '../blame/stall-report.js';
import { contextOf, hrTime, registeredTracer, STALL_SCOPE } from './api-globals.js';
import { type CulpritPause, createCulpritPause } from './culprit-pause.js';
import { stallAttributes } from './stall-attributes.js';

/** The name of the span, and of the event in logs. */
export const STALL_EVENT = 'event_loop.stall';

/** The same culprit makes one span in this time, in milliseconds. */
export const SPAN_EVERY_MS = 10_000;

/**
 * A stall that ran under no span is a trace of its own from this length on, in milliseconds: one that long is looked for
 * when all requests were slow, and shorter ones would bury the application's own traces.
 */
export const ROOT_FROM_MS = 1000;

/** Creates what makes spans of stalls, in the tracer provider that is registered when one comes. */
export function createStallSpans(pause: CulpritPause = createCulpritPause(SPAN_EVERY_MS)) {
  return (report: StallReport, nowMs: number): void => {
    const { span, durationMs, startUnixMs } = report;
    // Below a span that is not sampled it would be an orphan, or make a sampler's decision for it.
    if (span === undefined ? durationMs < ROOT_FROM_MS : !span.sampled) return;
    const tracer = registeredTracer();
    if (tracer === undefined) return;
    const leftOut = pause(report, nowMs);
    if (leftOut === undefined) return;
    const options = { startTime: hrTime(startUnixMs), attributes: stallAttributes(report, leftOut) };
    tracer.startSpan(STALL_EVENT, options, contextOf(span)).end(hrTime(startUnixMs + durationMs));
  };
}

/** Whether a span of an SDK is one that was made here. */
export function isStallSpan(span: object): boolean {
  return (
    (span as { readonly instrumentationScope?: { readonly name?: unknown } }).instrumentationScope?.name === STALL_SCOPE
  );
}
