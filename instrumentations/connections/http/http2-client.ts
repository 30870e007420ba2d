// Requests and connections of `node:http2`, and of every client that is made of it, such as those of gRPC: what Node
// announces of their streams, from Node 22 on.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { activeSpan } from '../../../src/active-span.js';
import type { Monitor } from '../../../src/instrumentation.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { RequestKind } from './client-series.js';
import type { ClientMonitor } from './monitor.js';
import type { Connection } from './open-connections.js';
import { OTHER_SERVER, type Server, type ServerNames } from './servers.js';

/** A session, as far as it is looked at. */
type Session = EventEmitter & { readonly connecting?: boolean; readonly destroyed?: boolean };

interface Stream {
  /** Undefined before the session has connected; even where the server began the stream. */
  readonly id?: number;
  readonly rstCode?: number;
  readonly session?: Session;
}

interface StreamMessage {
  readonly stream: Stream;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Exchange {
  readonly kind: RequestKind;
  readonly startMs: number;
  /** The span in which it began; an application's Meter takes no exemplars. */
  readonly span: ExemplarSpan | undefined;
  readonly connection: Connection | undefined;
  status: number;
  error: unknown;
}

// What a stream without an error ended with that had no response, or not all of it.
const CANCELLED = { code: 'ERR_HTTP2_STREAM_CANCEL' } as const;

/** Starts recording what the channels of streams announce. */
export function startHttp2Client({ series, connections, servers, clock, shared, guarded }: ClientMonitor): Monitor {
  const exchanges = new WeakMap<Stream, Exchange>();

  function begin({ stream, headers }: StreamMessage): void {
    const { id = 1, session } = stream;
    const method = String(headers[':method'] ?? 'GET');
    // A tunnel is no request, nor is what a server pushes; undici announces its own.
    if (id % 2 === 0 || method === 'CONNECT' || (session !== undefined && isOfUndici(session))) return;
    const server = serverOf(servers, headers);
    const connection = session === undefined ? undefined : connections.of(session, server);
    if (connection !== undefined) connection.requests++;
    exchanges.set(stream, {
      kind: series.begin(server, method),
      startMs: clock.monotonicMs(),
      span: shared ? undefined : activeSpan(),
      connection,
      status: 0,
      error: undefined,
    });
  }

  function end(stream: Stream, exchange: Exchange): void {
    const { kind, startMs, span, connection, status } = exchange;
    series.end(kind);
    if (connection !== undefined) connection.requests--;
    const error = exchange.error ?? (isComplete(stream, exchange) ? undefined : CANCELLED);
    series.took(kind, clock.monotonicMs() - startMs, { status, error, span });
  }

  const handlers: readonly (readonly [string, (message: StreamMessage & { readonly error?: unknown }) => void])[] = [
    ['created', begin],
    [
      'finish',
      ({ stream, headers }) => {
        const exchange = exchanges.get(stream);
        if (exchange !== undefined) exchange.status = Number(headers[':status']) || 0;
      },
    ],
    [
      'error',
      ({ stream, error }) => {
        const exchange = exchanges.get(stream);
        if (exchange !== undefined) exchange.error ??= causeOf(error);
      },
    ],
    [
      'close',
      ({ stream }) => {
        const exchange = exchanges.get(stream);
        if (exchange === undefined) return;
        const settle = () => guarded(() => exchanges.delete(stream) && end(stream, exchange));
        if (isComplete(stream, exchange)) settle();
        // Its error is announced after it, in the same call.
        else queueMicrotask(settle);
      },
    ],
  ];
  const subscriptions = handlers.map(
    ([name, act]) =>
      [`http2.client.stream.${name}`, (message: unknown) => guarded(() => act(message as StreamMessage))] as const,
  );
  for (const [name, listener] of subscriptions) subscribe(name, listener);
  return {
    stop() {
      for (const [name, listener] of subscriptions) unsubscribe(name, listener);
    },
  };
}

function isComplete({ rstCode = 0 }: Stream, { status }: Exchange): boolean {
  return status > 0 && rstCode === 0;
}

function serverOf(servers: ServerNames, headers: Readonly<Record<string, unknown>>): Server {
  const authority = headers[':authority'] ?? headers.host;
  try {
    return servers.ofOrigin(`${String(headers[':scheme'] ?? 'https')}://${String(authority)}`);
  } catch {
    // The header may be anything.
    return OTHER_SERVER;
  }
}

// Streams end with their session, for the reason that it ended for.
function causeOf(error: unknown): unknown {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return code === CANCELLED.code && cause !== undefined ? cause : error;
}

function isOfUndici(session: Session): boolean {
  return Object.getOwnPropertySymbols(session).some(({ description }) => description === 'client');
}
