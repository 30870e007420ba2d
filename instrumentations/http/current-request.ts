// For which request does the current callback run? Asked on top of a blocked stack, without any context of its own.
import { AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId } from 'node:async_hooks';
import type { Exchange } from './connections.js';

/** Finds the request of the current callback. */
export interface CurrentRequest<Response> {
  /** Says that `exchange` begins or goes on in the current callback: that of its connection's parser, or one of a framework. */
  runs(exchange: Exchange<Response>): void;
  /**
   * The request of the callback `asyncId`. It is known in what runs right when a request arrives, and when its body has;
   * what runs after an await belongs to nobody that can be told without a context.
   */
  find(asyncId: number): Exchange<Response> | undefined;
}

/** Creates the finder; `inFlight` tells the exchanges among which it looks. */
export function createCurrentRequest<Response>(inFlight: () => Iterable<Exchange<Response>>): CurrentRequest<Response> {
  let last: Exchange<Response> | undefined;

  function byCallback(asyncId: number): Exchange<Response> | undefined {
    if (last?.asyncId === asyncId && last.response !== undefined) return last;
    for (const exchange of inFlight()) if (exchange.asyncId === asyncId) return exchange;
    return undefined;
  }

  return {
    runs(exchange) {
      exchange.asyncId = executionAsyncId();
      last = exchange;
    },
    find(asyncId) {
      // The end of a body is told of in a tick that the parser asked for, or a body parser kept the place where it began
      // in a resource. A timer could be one of an earlier request of the connection.
      const known = byCallback(asyncId);
      if (known !== undefined) return known;
      const resource: unknown = executionAsyncResource();
      return resource instanceof AsyncResource || isTick(resource) ? byCallback(triggerAsyncId()) : undefined;
    },
  };
}

function isTick(resource: unknown): boolean {
  if (typeof resource !== 'object' || resource === null) return false;
  return Object.getPrototypeOf(resource) === Object.prototype && 'callback' in resource;
}
