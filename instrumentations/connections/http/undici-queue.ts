// Requests that wait in undici for a connection, where their number is limited: the queue of a `Pool` with `connections`
// or of a `Client`, by server. Its channels tell of a request only when a client takes it, so `dispatch` is watched.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { reportFailure } from '../../../src/diagnostics.js';
import type { Library, LibraryPatch } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { FoundQueue } from '../../queues/found-queue.js';
import type { QueueTask } from '../../queues/queue-monitor.js';
import { type Dispatcher, type DispatcherKind, dispatcherKind } from './dispatchers.js';
import { createQueueSet } from './queue-set.js';
import { createServerNames, NAMED_QUEUES } from './servers.js';
import type { UndiciRequest, UndiciRequestMessage } from './undici.js';

/** What waits in front of one dispatcher; it lives as long as the dispatcher. */
interface DispatcherQueue {
  readonly kind: DispatcherKind;
  /** Undefined before the first request, and where there is no limit: nothing waits for its turn there. */
  found: FoundQueue | undefined;
  readonly waiting: Set<QueuedRequest>;
}

interface QueuedRequest {
  readonly task: QueueTask;
  readonly queue: DispatcherQueue;
  started: boolean;
}

/** The package undici; Node's own copy has no limits, unless a dispatcher of the package is given to it. */
export const undiciLibrary: Library = { name: 'undici', from: '6.0.0', below: '9.0.0', patch };

function patch(exports: unknown): LibraryPatch {
  const { Client } = exports as { readonly Client?: { readonly prototype?: object } };
  const base = ownerOf(Client?.prototype, 'dispatch');
  const queues = createUndiciQueues();
  const undos = [() => queues.stop()];
  try {
    undos.push(replaceMethod(base, 'dispatch', queues.watchDispatch));
    undos.push(replaceMethod(base, 'destroy', queues.watchDestroy));
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return { undo: () => undoAll(undos) };
}

// All dispatchers have their methods from one prototype.
function ownerOf(prototype: object | undefined, key: string): object {
  let owner: object | null = prototype ?? null;
  while (owner !== null && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner);
  if (owner === null) throw new TypeError(`Expected \`Client\` to have a method \`${key}\``);
  return owner;
}

type Dispatch = (this: Dispatcher, options: object, handler: unknown, ...more: unknown[]) => boolean;
type Destroy = (this: Dispatcher, ...args: unknown[]) => unknown;

function createUndiciQueues() {
  const servers = createServerNames(NAMED_QUEUES);
  const set = createQueueSet();
  const queues = new WeakMap<object, DispatcherQueue | null>();
  // By the options that a pool hands on; several requests may be made with the same ones, and leave in their order.
  const arrivals = new WeakMap<object, (QueuedRequest | undefined)[]>();
  const requests = new WeakMap<UndiciRequest, QueuedRequest>();
  let dispatched: QueuedRequest | undefined;

  function queueOf(dispatcher: Dispatcher): DispatcherQueue | undefined {
    let queue = queues.get(dispatcher);
    if (queue === undefined) {
      const kind = dispatcherKind(dispatcher);
      queue = kind === undefined ? null : { kind, found: undefined, waiting: new Set() };
      queues.set(dispatcher, queue);
    }
    return queue ?? undefined;
  }

  // The clients of a pool never have requests of their own, and are no queues.
  function arrive(queue: DispatcherQueue): QueuedRequest | undefined {
    if (queue.found === undefined) {
      const { kind } = queue;
      if (kind.capacity() === Number.POSITIVE_INFINITY) return undefined;
      const { name } = servers.ofOrigin(kind.origin);
      queue.found = set.found(queue, { type: 'undici', name, capacity: ({ kind: { capacity } }) => capacity() });
    }
    const request = { task: queue.found.added(), queue, started: false };
    queue.waiting.add(request);
    return request;
  }

  function leave(request: QueuedRequest): void {
    request.queue.waiting.delete(request);
  }

  function drop(request: QueuedRequest): void {
    leave(request);
    request.task.dropped();
  }

  /** The request that is dispatched with `options` to a client: its pool's, or one that came straight to the client. */
  function take(client: DispatcherQueue, options: object): QueuedRequest | undefined {
    const arrived = arrivals.get(options);
    if (arrived === undefined || arrived.length === 0) return arrive(client);
    return arrived.shift();
  }

  /** A request comes to a pool, which hands it to a client at once or later. */
  function enter(queue: DispatcherQueue, pool: Dispatcher, options: object): QueuedRequest | undefined {
    // It takes no requests any more.
    if (pool.destroyed === true || pool.closed === true) return undefined;
    const request = arrive(queue);
    const arrived = arrivals.get(options);
    if (arrived === undefined) arrivals.set(options, [request]);
    else arrived.push(request);
    return request;
  }

  function withdraw(request: QueuedRequest, options: object): void {
    const arrived = arrivals.get(options) ?? [];
    const at = arrived.lastIndexOf(request);
    if (at === -1) return;
    arrived.splice(at, 1);
    drop(request);
  }

  const guarded = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      reportFailure('a queue of undici could not be told of a request', error);
      return undefined;
    }
  };

  const watchDispatch = (dispatch: Dispatch): Dispatch =>
    function (options, handler, ...more) {
      const queue = typeof options === 'object' && options !== null ? guarded(() => queueOf(this)) : undefined;
      if (queue === undefined) return dispatch.call(this, options, handler, ...more);
      if (queue.kind.isPool) {
        const request = guarded(() => enter(queue, this, options));
        try {
          return dispatch.call(this, options, handler, ...more);
        } catch (error) {
          // Refused: neither queued nor handed on.
          if (request !== undefined) guarded(() => withdraw(request, options));
          throw error;
        }
      }
      const outer = dispatched;
      const request = guarded(() => take(queue, options));
      dispatched = request;
      try {
        return dispatch.call(this, options, handler, ...more);
      } finally {
        // It was refused: no request was created.
        if (request !== undefined && dispatched === request) drop(request);
        dispatched = outer;
      }
    };

  const watchDestroy = (destroy: Destroy): Destroy =>
    function (...args) {
      const result = destroy.apply(this, args);
      guarded(() => {
        const queue = queues.get(this);
        if (queue === undefined || queue === null) return;
        for (const request of queue.waiting) drop(request);
        queue.found?.stop();
      });
      return result;
    };

  const subscriptions = (
    [
      [
        'undici:request:create',
        (request) => {
          const queued = dispatched;
          dispatched = undefined;
          if (queued === undefined) return;
          // Of a tunnel, or a connection that changes its protocol, no end is announced.
          if (request.method === 'CONNECT' || request.upgrade) drop(queued);
          else requests.set(request, queued);
        },
      ],
      [
        'undici:client:sendHeaders',
        (request) => {
          const queued = requests.get(request);
          if (queued === undefined || queued.started) return;
          queued.started = true;
          leave(queued);
          queued.task.started();
        },
      ],
      ['undici:request:trailers', (request) => requests.get(request)?.task.finished()],
      [
        'undici:request:error',
        (request) => {
          const queued = requests.get(request);
          if (queued === undefined) return;
          if (queued.started) queued.task.failed();
          else drop(queued);
        },
      ],
    ] as readonly (readonly [string, (request: UndiciRequest) => void])[]
  ).map(
    ([name, act]) =>
      [name, (message: unknown) => guarded(() => act((message as UndiciRequestMessage).request))] as const,
  );
  for (const [name, listener] of subscriptions) subscribe(name, listener);

  return {
    watchDispatch,
    watchDestroy,
    stop() {
      for (const [name, listener] of subscriptions) unsubscribe(name, listener);
      set.stop();
    },
  };
}
