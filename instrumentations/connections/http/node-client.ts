// Requests and connections of `node:http` and `node:https`, and of every client that is made of them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import http, { type ClientRequest } from 'node:http';
import { activeSpan } from '../../../src/active-span.js';
import type { Monitor } from '../../../src/instrumentation.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import {
  CLIENT_REFUSED,
  CLIENT_REQUEST,
  CLIENT_SOCKET,
  type RefusedMessage,
  type RequestMessage,
  type SocketMessage,
} from './client-requests.js';
import type { RequestKind } from './client-series.js';
import type { ClientMonitor } from './monitor.js';
import type { Connection } from './open-connections.js';
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

// A request that ended without either.
const NO_RESPONSE = { code: 'ECONNRESET' } as const;

/** Starts recording what the channels of `client-requests.ts` announce. */
export function startNodeClient({ series, connections, servers, clock, shared, guarded }: ClientMonitor): Monitor {
  const exchanges = new Map<ClientRequest, Exchange>();

  function begin(request: ClientRequest, host?: unknown, port?: unknown): Exchange {
    const known = exchanges.get(request);
    if (known !== undefined) return known;
    const kind = series.begin(serverOf(servers, request, host, port), request.method);
    const exchange = {
      kind,
      startMs: clock.monotonicMs(),
      span: shared ? undefined : activeSpan(),
      connection: undefined,
      error: undefined,
    };
    exchanges.set(request, exchange);
    // Node emits it once for every request, however it ends.
    request.once('close', onClose);
    return exchange;
  }

  function end(request: EndedRequest): void {
    const exchange = exchanges.get(request);
    if (exchange === undefined) return;
    exchanges.delete(request);
    const { kind, startMs, span, connection } = exchange;
    series.end(kind);
    // A connection that speaks another protocol from here on stays in use.
    if (connection !== undefined && request.upgradeOrConnect !== true) connection.requests--;
    if (shared && hasTwin()) return;
    const status = request.res?.statusCode ?? 0;
    const error = exchange.error ?? request.res?.errored ?? (status === 0 ? NO_RESPONSE : undefined);
    series.took(kind, clock.monotonicMs() - startMs, { status, error, span });
  }

  function onClose(this: ClientRequest): void {
    guarded(() => end(this));
  }

  const onRequest = (message: unknown) =>
    guarded(() => {
      const { request, host, port } = message as RequestMessage;
      begin(request, host, port);
    });
  const onSocket = (message: unknown) =>
    guarded(() => {
      const { request, socket } = message as SocketMessage;
      const exchange = begin(request);
      // An agent gives a request that was destroyed in the queue its socket all the same, and gets it back.
      if (exchange.connection !== undefined || request.destroyed) return;
      exchange.connection = connections.of(socket, exchange.kind.server);
      exchange.connection.requests++;
    });
  const onError = (message: unknown) =>
    guarded(() => {
      const { request, error } = message as { readonly request: ClientRequest; readonly error: unknown };
      const exchange = exchanges.get(request);
      if (exchange !== undefined) exchange.error ??= error;
    });
  const onRefused = (message: unknown) =>
    guarded(() => {
      const { request } = message as RefusedMessage;
      const exchange = exchanges.get(request);
      if (exchange === undefined) return;
      exchanges.delete(request);
      request.removeListener('close', onClose);
      series.end(exchange.kind);
    });

  const subscriptions = [
    [CLIENT_REQUEST, onRequest],
    [CLIENT_SOCKET, onSocket],
    [CLIENT_REFUSED, onRefused],
    ['http.client.request.error', onError],
  ] as const;
  for (const [channel, listener] of subscriptions) subscribe(channel, listener);
  return {
    stop() {
      for (const [channel, listener] of subscriptions) unsubscribe(channel, listener);
      for (const request of exchanges.keys()) request.removeListener('close', onClose);
      exchanges.clear();
    },
  };
}

// OpenTelemetry's HTTP instrumentation wraps the module's functions, and records the duration under the same name.
function hasTwin(): boolean {
  return (http.request as { readonly __wrapped?: unknown }).__wrapped === true;
}
