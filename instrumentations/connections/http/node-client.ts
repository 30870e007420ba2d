// Requests and connections of `node:http` and `node:https`, and of every client that is made of them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http, { type ClientRequest } from 'node:http';
import { activeSpan } from '../../../src/active-span.js';
import type { Monitor } from '../../../src/instrumentation.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { RequestKind } from './client-series.js';
import { type AgentRoute, followRequests } from './follow-requests.js';
import type { ClientMonitor } from './monitor.js';
import type { ClientSocket, Connection } from './open-connections.js';
import { serverOf } from './request-server.js';

interface Exchange {
  readonly kind: RequestKind;
  readonly startMs: number;
  /** The span in which it began; an application's Meter takes no exemplars. */
  readonly span: ExemplarSpan | undefined;
  connection: Connection | undefined;
  error: unknown;
}

type EndedRequest = ClientRequest & {
  readonly res?: { readonly statusCode?: number; readonly errored?: unknown } | null;
  readonly upgradeOrConnect?: boolean;
};

/** The channel on which Node tells with what a request failed. */
const ERROR = 'http.client.request.error';

// A request that ended without either.
const NO_RESPONSE = { code: 'ECONNRESET' } as const;

/** Starts recording them. */
export function startNodeClient({ series, connections, servers, clock, shared, guarded }: ClientMonitor): Monitor {
  function begin(request: ClientRequest, route: AgentRoute | undefined): Exchange {
    return {
      kind: series.begin(serverOf(servers, request, route?.host, route?.port), request.method),
      startMs: clock.monotonicMs(),
      span: shared ? undefined : activeSpan(),
      connection: undefined,
      error: undefined,
    };
  }

  function gotSocket(exchange: Exchange, socket: ClientSocket): void {
    if (exchange.connection !== undefined) return;
    exchange.connection = connections.of(socket, exchange.kind.server);
    exchange.connection.requests++;
  }

  function end({ kind, startMs, span, connection, error: failure }: Exchange, request: EndedRequest): void {
    series.end(kind);
    // A connection that speaks another protocol from here on stays in use.
    if (connection !== undefined && request.upgradeOrConnect !== true) connection.requests--;
    if (shared && hasTwin()) return;
    const status = request.res?.statusCode ?? 0;
    const error = failure ?? request.res?.errored ?? (status === 0 ? NO_RESPONSE : undefined);
    series.took(kind, clock.monotonicMs() - startMs, { status, error, span });
  }

  const requests = followRequests<Exchange>(
    { begin, gotSocket, end, refused: ({ kind }) => series.end(kind) },
    guarded,
  );
  const onError = (message: unknown) =>
    guarded(() => {
      const { request, error } = message as { readonly request: ClientRequest; readonly error: unknown };
      const exchange = requests.of(request);
      if (exchange !== undefined) exchange.error ??= error;
    });
  subscribe(ERROR, onError);
  return {
    stop() {
      unsubscribe(ERROR, onError);
      requests.stop();
    },
  };
}

// OpenTelemetry's HTTP instrumentation wraps the module's functions, and records the duration under the same name.
function hasTwin(): boolean {
  return (http.request as { readonly __wrapped?: unknown }).__wrapped === true;
}
