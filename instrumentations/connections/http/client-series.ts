// Series of requests to other servers, bound once per combination of attributes.
import { ATTRIBUTES, METRICS } from '../../../src/metric-names.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { BoundHistogram, BoundSum, Recorder } from '../../../src/recorder/recorder.js';
import { OTHER_METHOD } from '../../http/methods.js';
import type { Server } from './servers.js';

/** Combinations of attributes that durations may have; further requests share a series. */
const DURATION_LIMIT = 100;

/** Kinds of failures that are named; a program may make errors with any name. */
const ERROR_TYPE_LIMIT = 10;

/** The requests of one method to one server. */
export interface RequestKind {
  readonly server: Server;
  readonly method: string;
  readonly active: BoundSum;
  readonly durations: Map<string, BoundHistogram>;
  /** Requests that began and did not end. */
  inFlight: number;
}

/** How a request ended. */
export interface Outcome {
  /** 0 where there was no response. */
  readonly status: number;
  /** What it failed with. */
  readonly error?: unknown;
  /** The span in which it began. */
  readonly span?: ExemplarSpan | undefined;
}

/** The series of one monitor. */
export interface ClientSeries {
  begin(server: Server, method: string): RequestKind;
  end(kind: RequestKind): void;
  /** Records how long a request took, in milliseconds. */
  took(kind: RequestKind, durationMs: number, outcome: Outcome): void;
  release(): void;
}

/** Creates the series of requests whose method is one of `methods`; all others are `_OTHER`. */
export function createClientSeries(recorder: Recorder, methods: ReadonlySet<string>): ClientSeries {
  const byServer = new Map<Server, Map<string, RequestKind>>();
  const durations: BoundHistogram[] = [];
  const errorTypes = new Set<string>();
  let overflow: BoundHistogram | undefined;

  function kindOf(server: Server, method: string): RequestKind {
    const known = methods.has(method) ? method : OTHER_METHOD;
    let byMethod = byServer.get(server);
    if (byMethod === undefined) {
      byMethod = new Map();
      byServer.set(server, byMethod);
    }
    let kind = byMethod.get(known);
    if (kind === undefined) {
      const attributes = { ...server.attributes, [ATTRIBUTES.httpRequestMethod]: known };
      const active = recorder.sum(METRICS.httpClientActiveRequests, attributes);
      kind = { server, method: known, active, durations: new Map(), inFlight: 0 };
      byMethod.set(known, kind);
    }
    return kind;
  }

  function bindDuration(kind: RequestKind, status: number, errorType: string | undefined): BoundHistogram {
    if (durations.length >= DURATION_LIMIT) {
      overflow ??= recorder.histogram(METRICS.httpClientRequestDuration, { 'otel.metric.overflow': true });
      return overflow;
    }
    const histogram = recorder.histogram(METRICS.httpClientRequestDuration, {
      ...kind.server.attributes,
      [ATTRIBUTES.httpRequestMethod]: kind.method,
      ...(status > 0 ? { [ATTRIBUTES.httpResponseStatusCode]: status } : {}),
      ...(errorType === undefined ? {} : { [ATTRIBUTES.errorType]: errorType }),
    });
    durations.push(histogram);
    return histogram;
  }

  function errorTypeOf({ status, error }: Outcome): string | undefined {
    if (error === undefined || error === null) return status >= 400 ? String(status) : undefined;
    const type = nameOf(error);
    if (errorTypes.has(type)) return type;
    if (errorTypes.size >= ERROR_TYPE_LIMIT) return '_OTHER';
    errorTypes.add(type);
    return type;
  }

  return {
    begin(server, method) {
      const kind = kindOf(server, method);
      kind.inFlight++;
      kind.active.add(1);
      return kind;
    },
    end(kind) {
      kind.inFlight--;
      kind.active.add(-1);
    },
    took(kind, durationMs, outcome) {
      const { status } = outcome;
      const errorType = errorTypeOf(outcome);
      const key = errorType === undefined ? String(status) : `${status} ${errorType}`;
      let histogram = kind.durations.get(key);
      if (histogram === undefined) {
        histogram = bindDuration(kind, status, errorType);
        kind.durations.set(key, histogram);
      }
      histogram.record(durationMs / 1000, outcome.span);
    },
    release() {
      for (const byMethod of byServer.values()) {
        for (const { active, inFlight } of byMethod.values()) {
          // In a Meter the series outlives us, and must not count these requests for ever.
          active.add(-inFlight);
          active.release();
        }
      }
      for (const histogram of durations) histogram.release();
      overflow?.release();
    },
  };
}

// The code of Node and undici where there is one, such as ECONNREFUSED: the kind of an error, where a message is data.
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return code;
  return typeof name === 'string' && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : '_OTHER';
}
