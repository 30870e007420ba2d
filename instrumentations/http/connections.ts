// Requests in flight by connection: one listener per connection, and no allocation per request unless it is pipelined.
import type { EventEmitter } from 'node:events';
import type { FollowedRequest } from '../../src/route-windows.js';
import type { MethodSeries } from './request-series.js';

/** A request and its response, from start to end. */
export interface Exchange<Response> {
  /** Undefined while the object waits for its next use. */
  response: Response | undefined;
  series: MethodSeries | undefined;
  startMs: number;
  /** The callback in which it was last seen to run, by Node's count: its connection's parser, or a framework's. */
  asyncId: number;
  /** The route that a framework announced. */
  route: string | undefined;
  /** False where another instrumentation records the duration. */
  timed: boolean;
  /** What runs for it is noted. */
  followed: FollowedRequest | undefined;
}

/** The exchanges of all connections. */
export interface Connections<Response> {
  /** A fresh exchange for `response`, to be filled in. */
  begin(socket: EventEmitter, response: Response): Exchange<Response>;
  find(socket: EventEmitter, response: Response): Exchange<Response> | undefined;
  /** Gives an exchange back after its end. */
  end(socket: EventEmitter, exchange: Exchange<Response>): void;
  /** The exchanges in flight. */
  inFlight(): Iterable<Exchange<Response>>;
  /** Forgets all connections and takes the listeners off them. */
  clear(): void;
}

interface Connection<Response> {
  readonly exchange: Exchange<Response>;
  /** Pipelined requests, which begin before the one before them has ended. */
  readonly pipelined: Exchange<Response>[];
}

/** Creates an empty set; `onAbort` is told of each exchange that its connection did not outlive. */
export function createConnections<Response>(onAbort: (exchange: Exchange<Response>) => void): Connections<Response> {
  const connections = new Map<EventEmitter, Connection<Response>>();

  // A response that waits behind another one gets no 'close' of its own on every version of Node; its socket always does.
  function onClose(this: EventEmitter): void {
    const connection = connections.get(this);
    if (connection === undefined) return;
    connections.delete(this);
    const { exchange, pipelined } = connection;
    if (exchange.response !== undefined) onAbort(exchange);
    for (const other of pipelined) onAbort(other);
  }

  return {
    begin(socket, response) {
      let connection = connections.get(socket);
      if (connection === undefined) {
        connection = { exchange: createExchange(), pipelined: [] };
        connections.set(socket, connection);
        socket.on('close', onClose);
      }
      let { exchange } = connection;
      if (exchange.response !== undefined) {
        exchange = createExchange();
        connection.pipelined.push(exchange);
      }
      exchange.response = response;
      return exchange;
    },
    find(socket, response) {
      const connection = connections.get(socket);
      if (connection === undefined || connection.exchange.response === response) return connection?.exchange;
      return connection.pipelined.find((exchange) => exchange.response === response);
    },
    end(socket, exchange) {
      exchange.response = undefined;
      exchange.route = undefined;
      exchange.followed = undefined;
      const pipelined = connections.get(socket)?.pipelined ?? [];
      const index = pipelined.length === 0 ? -1 : pipelined.indexOf(exchange);
      if (index !== -1) pipelined.splice(index, 1);
    },
    *inFlight() {
      for (const { exchange, pipelined } of connections.values()) {
        if (exchange.response !== undefined) yield exchange;
        yield* pipelined;
      }
    },
    clear() {
      for (const socket of connections.keys()) socket.removeListener('close', onClose);
      connections.clear();
    },
  };
}

function createExchange<Response>(): Exchange<Response> {
  return {
    response: undefined,
    series: undefined,
    startMs: 0,
    asyncId: 0,
    route: undefined,
    timed: true,
    followed: undefined,
  };
}
