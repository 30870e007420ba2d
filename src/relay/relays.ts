// The relay of a process: upgrades requests at the socket to WebSockets, each with an inspector session of its own.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { threadId } from 'node:worker_threads';
import { requestPath } from '../access/request-path.js';
import { INSPECT_PATH } from '../dump/routes.js';
import type { Holds } from './holds.js';
import { openRelay, type Relay } from './relay.js';
import type { SessionGuard } from './session-guard.js';
import { CLOSE } from './websocket/frames.js';
import { acceptUpgrade, type Refusal, refuseUpgrade, upgradeFlaw } from './websocket/handshake.js';
import { openServerSocket, type ServerSocket, SOCKET_LIMITS, type SocketLimits } from './websocket/server-socket.js';

export interface RelayLimits extends SocketLimits {
  readonly maxClients: number;
  /** A thread that a client has paused goes on after this time, in milliseconds. */
  readonly pauseMs: number;
}

export const RELAY_LIMITS: RelayLimits = { ...SOCKET_LIMITS, maxClients: 8, pauseMs: 2_000 };

const NO_INSPECTOR: Refusal = { status: 501, reason: 'The inspector may not be used in this process.' };

export interface RelaysOptions {
  readonly guard: SessionGuard;
  readonly holds: Holds;
  /** @default RELAY_LIMITS */
  readonly limits?: Partial<RelayLimits>;
  readonly onError: (error: unknown) => void;
}

/** Answers upgrades of `server`; without `options` each with the word that there is no relay. Returns how to end all clients. */
export function startRelays(server: Server, options: RelaysOptions | undefined): () => void {
  const limits = { ...RELAY_LIMITS, ...options?.limits };
  const clients = new Set<ServerSocket>();
  let isRefused = false;

  function flawOf(request: IncomingMessage): Refusal | undefined {
    const flaw = upgradeFlaw(request);
    if (flaw !== undefined) return flaw;
    if (requestPath(request.url) !== INSPECT_PATH) {
      return { status: 404, reason: `Not found; WebSockets are at ${INSPECT_PATH}.` };
    }
    if (options === undefined || isRefused) {
      return NO_INSPECTOR;
    }
    return clients.size < limits.maxClients
      ? undefined
      : { status: 503, reason: `There are ${limits.maxClients} clients already.` };
  }

  // Everything happens at once: what is on its way when the session is refused is answered as well.
  function open(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    { guard, holds, onError }: RelaysOptions,
  ): void {
    let client: ServerSocket | undefined;
    let relay: Relay | undefined;
    const leave = guard.enter(() => client?.close(CLOSE.goingAway, 'the process ends'));
    if (leave === undefined) {
      refuseUpgrade(socket, { status: 503, reason: 'The process ends.' });
      return;
    }
    try {
      relay = openRelay({
        holds,
        ownThreadId: threadId,
        pauseMs: limits.pauseMs,
        send: (text) => client?.send(text),
        onBreach: (reason) => client?.close(CLOSE.policy, reason),
      });
    } catch (error) {
      leave();
      isRefused = true;
      onError(error);
      refuseUpgrade(socket, NO_INSPECTOR);
      return;
    }
    acceptUpgrade(request, socket);
    const { receive, end } = relay;
    const opened = openServerSocket({
      socket,
      limits,
      onText: receive,
      onEnd() {
        clients.delete(opened);
        end();
        leave();
      },
    });
    client = opened;
    clients.add(opened);
    opened.start(head);
  }

  const upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    try {
      const flaw = flawOf(request);
      if (flaw !== undefined || options === undefined) refuseUpgrade(socket, flaw ?? NO_INSPECTOR);
      else open(request, socket, head, options);
    } catch (error) {
      socket.destroy();
      options?.onError(error);
    }
  };
  server.on('upgrade', upgrade);
  return () => {
    server.off('upgrade', upgrade);
    for (const client of [...clients]) client.close(CLOSE.goingAway, 'the socket is closed');
  };
}
