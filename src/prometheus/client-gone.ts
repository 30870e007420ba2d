// When nobody waits for an answer any more.
import type { IncomingMessage, ServerResponse } from 'node:http';

// One listener a connection, however many requests were sent over it at once.
const waiting = new WeakMap<object, Set<() => void>>();

/**
 * Calls back once, when the answer is finished or its client is gone. The connection is asked as well: an answer that waits
 * for the one before it on its connection is never told of that connection's end.
 */
export function onGone(request: IncomingMessage, response: ServerResponse, callback: () => void): void {
  const { socket } = request;
  let callbacks = waiting.get(socket);
  if (callbacks === undefined) {
    callbacks = new Set();
    waiting.set(socket, callbacks);
    const all = callbacks;
    socket.once('close', () => {
      for (const told of all) told();
    });
  }
  const told = () => {
    if (callbacks.delete(told)) callback();
  };
  callbacks.add(told);
  response.once('close', told);
}

/** Whether it is so already. */
export function isGone(request: IncomingMessage, response: ServerResponse): boolean {
  return response.closed || request.socket.destroyed;
}
