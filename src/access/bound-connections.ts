// A bounded number of connections, in which whoever asks for something is served before whoever only holds one.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerLimits } from './limits.js';

interface Connection {
  readonly socket: Socket;
  readonly key: string | Socket;
  /** Requests under way. */
  busy: number;
  /** Requests so far. */
  asked: number;
}

/** Scrapers wait for an answer before they ask again. */
const MAX_PIPELINED = 4;

/**
 * Ends a connection for each new one beyond `maxConnections`: the oldest that never asked for anything, else the one that has
 * been idle for the longest; where all are busy, the new one. One that has asked `maxRequestsPerConnection` times is closed
 * after the answer, and one that does not wait for answers is closed at once.
 */
export function boundConnections(server: Server, { maxConnections, maxRequestsPerConnection }: ServerLimits): void {
  // The ones that have been idle for the longest come first.
  const open = new Map<string | Socket, Connection>();

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    if (open.size >= maxConnections) {
      const leaving = findIdle(open.values());
      if (leaving === undefined) {
        socket.destroy();
        return;
      }
      leaving.socket.destroy();
      open.delete(leaving.key);
    }
    const connection = { socket, key, busy: 0, asked: 0 };
    open.set(key, connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
    });
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(request.socket);
    const connection = open.get(key);
    if (connection === undefined) return;
    connection.busy++;
    connection.asked++;
    if (connection.busy > MAX_PIPELINED) request.socket.destroy();
    if (connection.asked >= maxRequestsPerConnection) response.shouldKeepAlive = false;
    response.once('close', () => {
      connection.busy--;
      if (open.get(key) !== connection) return;
      open.delete(key);
      open.set(key, connection);
    });
  });
}

function findIdle(connections: Iterable<Connection>): Connection | undefined {
  let idle: Connection | undefined;
  for (const connection of connections) {
    if (connection.busy > 0) continue;
    if (connection.asked === 0) return connection;
    idle ??= connection;
  }
  return idle;
}

// A TLS socket is another object than the connection that it came in, between the same places.
function keyOf(socket: Socket): string | Socket {
  const { remoteAddress, remotePort, localAddress } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort} ${localAddress}`;
}
