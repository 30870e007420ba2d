// The span that is active right now, read where every copy of OpenTelemetry's API keeps its context manager: who asks
// needs no API of his own, and where an application has none, asking costs one look-up.
import type { ExemplarSpan } from './recorder/exemplars.js';

/** A context of OpenTelemetry, as far as it is read here. */
export interface ActiveContext {
  getValue(key: symbol): unknown;
}

interface ReadableSpan {
  spanContext?(): ExemplarSpan;
  /** Seconds and nanoseconds since the Unix epoch; spans of an SDK have it. */
  readonly startTime?: unknown;
}

// The API 1.x, and what its keys are (createContextKey).
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

interface ApiHolder {
  readonly [API]?: { readonly context?: { active?(): ActiveContext } };
}

/** Whether anybody keeps contexts; without that no span is ever active. */
export function keepsContexts(): boolean {
  return (globalThis as ApiHolder)[API]?.context !== undefined;
}

/** The active context; undefined where nobody keeps contexts, or where who does fails. */
export function activeContext(): ActiveContext | undefined {
  try {
    return (globalThis as ApiHolder)[API]?.context?.active?.();
  } catch {
    return undefined;
  }
}

/** Identity of the active span; undefined where none is active, or it is not sampled. Never throws. */
export function activeSpan(): ExemplarSpan | undefined {
  const context = activeContext();
  return context === undefined ? undefined : sampled(context, SPAN, Number.NEGATIVE_INFINITY);
}

/**
 * Identity of the sampled span of the request that is served in `context`: the one that OpenTelemetry's instrumentation
 * of HTTP left there for others, else the active one. Spans that began before `sinceUnixMs` are another request's.
 */
export function requestSpanIn(context: ActiveContext, sinceUnixMs: number): ExemplarSpan | undefined {
  return sampled(context, RPC_METADATA, sinceUnixMs) ?? sampled(context, SPAN, sinceUnixMs);
}

/** Whether OpenTelemetry's instrumentation of HTTP left a span in `context` that is not sampled. */
export function isUnsampledRequest(context: ActiveContext): boolean {
  try {
    const identity = spanIn(context, RPC_METADATA)?.spanContext?.();
    return identity !== undefined && (identity.traceFlags & 1) === 0;
  } catch {
    return false;
  }
}

function spanIn(context: ActiveContext, key: symbol): ReadableSpan | undefined {
  const value = context.getValue(key);
  if (key !== RPC_METADATA) return value as ReadableSpan | undefined;
  return (value as { readonly span?: ReadableSpan } | undefined)?.span;
}

function sampled(context: ActiveContext, key: symbol, sinceUnixMs: number): ExemplarSpan | undefined {
  try {
    const span = spanIn(context, key);
    const identity = span?.spanContext?.();
    if (span === undefined || identity === undefined || (identity.traceFlags & 1) === 0) return undefined;
    return startUnixMs(span) < sinceUnixMs ? undefined : identity;
  } catch {
    return undefined;
  }
}

// Of a span that does not tell when it began it is taken that it fits.
function startUnixMs({ startTime }: ReadableSpan): number {
  if (!Array.isArray(startTime)) return Number.POSITIVE_INFINITY;
  return Number(startTime[0]) * 1000 + Number(startTime[1]) / 1e6;
}
