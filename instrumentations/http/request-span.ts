// The span of a request that is over, for its exemplar: that of the server, whoever made it.
import { EventEmitter } from 'node:events';
import {
  type ActiveContext,
  activeContext,
  isUnsampledRequest,
  keepsContexts,
  requestSpanIn,
} from '../../src/active-span.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import { templateOf } from '../../src/stalls/loop/active-span.js';

/** Spans tell their begin in whole milliseconds. */
const GRAIN_MS = 2;

const PROBE = Symbol('loopsight.request');

let seen: ActiveContext | undefined;

function look(): void {
  seen = activeContext();
}

/**
 * The sampled span of the request that `response` answers and that began at `beganUnixMs`. OpenTelemetry's instrumentation
 * begins it after we were told of the request, and binds the response to its context; where nobody did, the context is
 * asked in which the response was ended, and that may be another request's.
 */
export function requestSpan(response: EventEmitter, beganUnixMs: number): ExemplarSpan | undefined {
  if (!keepsContexts()) return undefined;
  const context = activeContext();
  // Asking the response costs some microseconds: not for a trace that nobody keeps.
  if (context !== undefined && isUnsampledRequest(context)) return undefined;
  const bound = boundContext(response);
  if (bound !== undefined) return requestSpanIn(bound, Number.NEGATIVE_INFINITY);
  return context === undefined ? undefined : requestSpanIn(context, beganUnixMs - GRAIN_MS);
}

/** The route that OpenTelemetry was told of for the request that `response` answers, where its instrumentation serves it. */
export function requestRoute(response: EventEmitter): string | undefined {
  const bound = keepsContexts() ? boundContext(response) : undefined;
  try {
    return bound === undefined ? undefined : templateOf(bound);
  } catch {
    return undefined;
  }
}

// A context manager that binds an emitter replaces its methods that add listeners, so that these run in the context.
function boundContext(response: EventEmitter): ActiveContext | undefined {
  if (!Object.hasOwn(response, 'on')) return undefined;
  seen = undefined;
  try {
    response.on(PROBE, look);
    // Not the response's own: what the application made of it is not for us to call.
    EventEmitter.prototype.emit.call(response, PROBE);
    response.off(PROBE, look);
  } catch {
    // Who bound it failed.
  }
  const context = seen;
  seen = undefined;
  return context;
}
