// Follows requests of `node:http` and `node:https` from their beginning to their end, as `client-requests.ts` announces
// them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Agent, ClientRequest } from 'node:http';
import {
  CLIENT_REFUSED,
  CLIENT_REQUEST,
  CLIENT_SOCKET,
  type RefusedMessage,
  type RequestMessage,
  type SocketMessage,
} from './client-requests.js';
import type { ClientSocket } from './open-connections.js';

/** Where an agent was asked to send a request. */
export interface AgentRoute {
  readonly agent: Agent;
  readonly host: unknown;
  readonly port: unknown;
}

/** What is done with the requests that are followed; `T` is what is known of one. */
export interface RequestFollower<T extends object> {
  /** A request begins, without an agent where there is no route; undefined where it is not followed. */
  begin(request: ClientRequest, route: AgentRoute | undefined): T | undefined;
  /** It has a socket; also again. */
  gotSocket(known: T, socket: ClientSocket): void;
  /** It was closed, however it ended. */
  end(known: T, request: ClientRequest): void;
  /** Its agent threw: nobody hears of it again. */
  refused(known: T, request: ClientRequest): void;
}

/** Requests that are followed until `stop`. */
export interface FollowedRequests<T extends object> {
  /** What is known of a request that has begun and not ended. */
  of(request: ClientRequest): T | undefined;
  stop(): void;
}

/** Starts following requests; `guarded` runs what is ours. */
export function followRequests<T extends object>(
  { begin, gotSocket, end, refused }: RequestFollower<T>,
  guarded: (act: () => void) => void,
): FollowedRequests<T> {
  const known = new Map<ClientRequest, T>();

  function follow(request: ClientRequest, route?: AgentRoute): T | undefined {
    const one = known.get(request) ?? begin(request, route);
    if (one === undefined || known.has(request)) return one;
    known.set(request, one);
    // Node emits it once for every request, however it ends.
    request.once('close', onClose);
    return one;
  }

  function onClose(this: ClientRequest): void {
    guarded(() => {
      const one = known.get(this);
      if (one !== undefined && known.delete(this)) end(one, this);
    });
  }

  const onRequest = (message: unknown) =>
    guarded(() => {
      const { request, agent, host, port } = message as RequestMessage;
      follow(request, { agent, host, port });
    });
  const onSocket = (message: unknown) =>
    guarded(() => {
      const { request, socket } = message as SocketMessage;
      const one = follow(request);
      // An agent gives a request that was destroyed in the queue its socket all the same, and gets it back at once.
      if (one !== undefined && !request.destroyed) gotSocket(one, socket);
    });
  const onRefused = (message: unknown) =>
    guarded(() => {
      const { request } = message as RefusedMessage;
      const one = known.get(request);
      if (one === undefined || !known.delete(request)) return;
      request.removeListener('close', onClose);
      refused(one, request);
    });

  const subscriptions = [
    [CLIENT_REQUEST, onRequest],
    [CLIENT_SOCKET, onSocket],
    [CLIENT_REFUSED, onRefused],
  ] as const;
  for (const [channel, listener] of subscriptions) subscribe(channel, listener);
  return {
    of: (request) => known.get(request),
    stop() {
      for (const [channel, listener] of subscriptions) unsubscribe(channel, listener);
      for (const request of known.keys()) request.removeListener('close', onClose);
      known.clear();
    },
  };
}
