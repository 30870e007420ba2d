// Where requests of `node:http` and `node:https` can be seen: the agent that they are given to and the socket that they
// get, announced on channels of our own. Node's channels tell neither on every version.
import { channel } from 'node:diagnostics_channel';
import http, { type Agent, type ClientRequest } from 'node:http';
import type { Monitor } from '../../../src/instrumentation.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import { leave, queueUp, type Turn } from '../../../src/loading/turns.js';
import type { ClientSocket } from './open-connections.js';

/** A request is given to an agent. */
export interface RequestMessage {
  readonly request: ClientRequest;
  readonly agent: Agent;
  readonly host: unknown;
  readonly port: unknown;
}

/** A request got a socket. */
export interface SocketMessage {
  readonly request: ClientRequest;
  readonly socket: ClientSocket;
}

/** An agent threw: nobody hears of the request again. */
export interface RefusedMessage {
  readonly request: ClientRequest;
}

/** Names of the channels. */
export const CLIENT_REQUEST = 'loopsight:http.client.request';
export const CLIENT_SOCKET = 'loopsight:http.client.socket';
export const CLIENT_REFUSED = 'loopsight:http.client.refused';

const requests = channel(CLIENT_REQUEST);
const sockets = channel(CLIENT_SOCKET);
const refusals = channel(CLIENT_REFUSED);

/** Announces requests until it is stopped; of several who want that, one does it at a time. */
export function announceClientRequests(report: (cause: string, error: unknown) => void): Monitor {
  let undos: (() => void)[] = [];
  const begin = () => {
    try {
      undos.push(replaceMethod(http.Agent.prototype, 'addRequest', watchAddRequest));
      undos.push(replaceMethod(http.ClientRequest.prototype, 'onSocket', watchOnSocket));
    } catch (error) {
      report('HTTP clients could not be watched', error);
    }
  };
  const turn: Turn = {
    begin,
    end() {
      undoAll(undos);
      undos = [];
    },
  };
  if (queueUp('node:http', turn)) begin();
  return { stop: () => leave('node:http', turn) };
}

type AddRequest = (this: Agent, request: ClientRequest, options: unknown, ...legacy: unknown[]) => unknown;

// Legacy callers give host and port instead of options.
function watchAddRequest(addRequest: AddRequest): AddRequest {
  return function (request, options, ...legacy) {
    if (!requests.hasSubscribers) return addRequest.call(this, request, options, ...legacy);
    const { host, port } =
      typeof options === 'object' && options !== null
        ? (options as { readonly host?: unknown; readonly port?: unknown })
        : { host: options, port: legacy[0] };
    requests.publish({ request, agent: this, host, port } satisfies RequestMessage);
    try {
      return addRequest.call(this, request, options, ...legacy);
    } catch (error) {
      refusals.publish({ request } satisfies RefusedMessage);
      throw error;
    }
  };
}

type OnSocket = (this: ClientRequest, socket: ClientSocket | undefined, ...more: unknown[]) => unknown;

function watchOnSocket(onSocket: OnSocket): OnSocket {
  return function (socket, ...more) {
    const failed = more[0] !== undefined && more[0] !== null;
    if (sockets.hasSubscribers && socket !== undefined && !failed) {
      sockets.publish({ request: this, socket } satisfies SocketMessage);
    }
    return onSocket.call(this, socket, ...more);
  };
}
