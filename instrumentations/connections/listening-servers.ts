// When a server of this thread begins to listen, and how long it lets the kernel make its accept queue: announced on a
// channel of our own. Node's channel does not tell the length that was given as an argument.
import { channel } from 'node:diagnostics_channel';
import { Server } from 'node:net';
import type { Monitor } from '../../src/instrumentation.js';
import { type AnyFunction, replaceMethod } from '../../src/loading/replace.js';
import { leave, queueUp, type Turn } from '../../src/loading/turns.js';

/** A server was told to listen. */
export interface ListeningMessage {
  readonly server: Server;
  /** Connections that may wait, as the kernel was asked. */
  readonly backlog: number;
}

/** The name of the channel. */
export const SERVER_LISTENING = 'loopsight:net.server.listening';

/** What Node asks for where nobody says anything. */
export const DEFAULT_BACKLOG = 511;

const listening = channel(SERVER_LISTENING);

/** Announces servers until it is stopped; of several who want that, one does it at a time. */
export function announceListeningServers(report: (cause: string, error: unknown) => void): Monitor {
  let undo = () => {};
  const turn: Turn = {
    begin() {
      try {
        // Every way to listen on a port or a descriptor ends here.
        undo = replaceMethod(Server.prototype, '_listen2', watchListen);
      } catch (error) {
        report('servers that begin to listen could not be watched', error);
      }
    },
    end: () => undo(),
  };
  if (queueUp('node:net', turn)) turn.begin();
  return { stop: () => leave('node:net', turn) };
}

type Listen = (
  this: Server,
  address: unknown,
  port: unknown,
  type: unknown,
  backlog: unknown,
  ...more: unknown[]
) => unknown;

function watchListen(listen: AnyFunction): Listen {
  return function (address, port, type, backlog, ...more) {
    const result: unknown = listen.call(this, address, port, type, backlog, ...more);
    if (listening.hasSubscribers) {
      const asked = typeof backlog === 'number' && backlog !== 0 ? backlog : DEFAULT_BACKLOG;
      listening.publish({ server: this, backlog: asked } satisfies ListeningMessage);
    }
    return result;
  };
}
