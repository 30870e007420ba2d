// Requests and connections of undici, of Node's own `fetch` as of the package: what they announce on their channels.
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { activeSpan } from '../../../src/active-span.js';
import type { Monitor } from '../../../src/instrumentation.js';
import type { ExemplarSpan } from '../../../src/recorder/exemplars.js';
import type { RequestKind } from './client-series.js';
import type { ClientMonitor } from './monitor.js';
import type { ClientSocket, Connection } from './open-connections.js';

/** A request as undici announces it. */
export interface UndiciRequest {
  readonly origin: unknown;
  readonly method: string;
  readonly upgrade?: unknown;
}

export interface UndiciRequestMessage {
  readonly request: UndiciRequest;
}

export interface UndiciSocketMessage extends UndiciRequestMessage {
  readonly socket: ClientSocket;
}

interface ConnectedMessage {
  readonly socket: ClientSocket;
  readonly connectParams: { readonly hostname: string; readonly protocol: string; readonly port: string };
}

interface Exchange {
  readonly kind: RequestKind;
  readonly startMs: number;
  /** The span in which it began; an application's Meter takes no exemplars. */
  readonly span: ExemplarSpan | undefined;
  status: number;
  connection: Connection | undefined;
}

/** Starts recording what undici announces, whichever copy of it. */
export function startUndici({ series, connections, servers, clock, shared, guarded }: ClientMonitor): Monitor {
  const exchanges = new WeakMap<UndiciRequest, Exchange>();

  function begin({ request }: UndiciRequestMessage): void {
    // Of a tunnel, or a connection that changes its protocol, no end is announced.
    if (request.method === 'CONNECT' || isSet(request.upgrade)) return;
    const kind = series.begin(servers.ofOrigin(request.origin), request.method);
    exchanges.set(request, {
      kind,
      startMs: clock.monotonicMs(),
      span: shared ? undefined : activeSpan(),
      status: 0,
      connection: undefined,
    });
  }

  function end(request: UndiciRequest, error?: unknown): void {
    const exchange = exchanges.get(request);
    if (exchange === undefined) return;
    exchanges.delete(request);
    const { kind, startMs, span, status, connection } = exchange;
    series.end(kind);
    if (connection !== undefined) connection.requests--;
    if (shared && hasTwin()) return;
    series.took(kind, clock.monotonicMs() - startMs, { status, error, span });
  }

  function connected({ socket, connectParams: { protocol, hostname, port } }: ConnectedMessage): void {
    connections.of(socket, servers.ofOrigin(`${protocol}//${bracketed(hostname)}${port === '' ? '' : `:${port}`}`));
  }

  function sent({ request, socket }: UndiciSocketMessage): void {
    const exchange = exchanges.get(request);
    if (exchange === undefined || exchange.connection !== undefined) return;
    exchange.connection = connections.of(socket, exchange.kind.server);
    exchange.connection.requests++;
  }

  const subscriptions = (
    [
      ['undici:client:connected', (message) => connected(message as ConnectedMessage)],
      ['undici:request:create', (message) => begin(message as UndiciRequestMessage)],
      ['undici:client:sendHeaders', (message) => sent(message as UndiciSocketMessage)],
      [
        'undici:request:headers',
        (message) => {
          const { request, response } = message as UndiciRequestMessage & { readonly response: { statusCode: number } };
          const exchange = exchanges.get(request);
          if (exchange !== undefined) exchange.status = response.statusCode;
        },
      ],
      ['undici:request:trailers', (message) => end((message as UndiciRequestMessage).request)],
      [
        'undici:request:error',
        (message) => {
          const { request, error } = message as UndiciRequestMessage & { readonly error?: unknown };
          end(request, error ?? {});
        },
      ],
    ] as readonly (readonly [string, (message: unknown) => void])[]
  ).map(([name, act]) => [name, (message: unknown) => guarded(() => act(message))] as const);
  for (const [name, listener] of subscriptions) subscribe(name, listener);
  return {
    stop() {
      for (const [name, listener] of subscriptions) unsubscribe(name, listener);
    },
  };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

function bracketed(hostname: string): string {
  return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
}

// OpenTelemetry's instrumentation of undici, which records the duration under the same name, listens to the same
// channel. Nothing else tells that it is on; a subscriber has the name of the method that is bound.
function hasTwin(): boolean {
  const { _subscribers: subscribers } = channel('undici:request:create') as unknown as {
    readonly _subscribers?: readonly unknown[];
  };
  return subscribers?.some((one) => typeof one === 'function' && one.name === 'bound onRequestCreated') === true;
}
