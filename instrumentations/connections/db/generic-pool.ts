// The pool of generic-pool: requests pass through its queue of waiting clients.
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, disguise, undoAll } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { type Replacements, replaceAll } from '../replace-all.js';
import { type FoundPool, foundPool, knownPool, type PoolKind, type PoolRequest } from './found-pool.js';
import { namedByPlace } from './place-name.js';

interface ResourceRequest {
  readonly state: string;
}

interface RequestQueue {
  readonly length: number;
  enqueue(request: ResourceRequest, priority: unknown): void;
  dequeue(): ResourceRequest | undefined;
}

interface GenericPool {
  readonly borrowed: number;
  readonly available: number;
  readonly pending: number;
  readonly size: number;
  readonly max: number;
  readonly min: number;
  readonly acquire: AnyFunction;
  readonly _draining: boolean;
  readonly _waitingClientsQueue: RequestQueue;
  readonly _factoryCreateOperations: object;
}

interface Requests {
  readonly waiting: Map<ResourceRequest, PoolRequest>;
  readonly borrowed: Map<unknown, PoolRequest>;
  /** Requests that waited when they were last looked through. */
  swept: number;
}

interface Exports {
  readonly createPool: AnyFunction;
  readonly Pool: { readonly prototype: object };
  readonly PriorityQueue: { readonly prototype: object };
}

const SWEEP_ABOVE = 1000;

const requestsOf = new WeakMap<object, Requests>();
/** The request that the pool took out of its queue last. */
let dequeued: ResourceRequest | undefined;
/** The request that is made now; the pool puts it into its queue, and often takes it out again, within the call. */
let current: { readonly pool: GenericPool; readonly request: PoolRequest } | undefined;

const kind: PoolKind<GenericPool> = {
  read(pool, found) {
    sweep(pool, found);
    return { used: pool.borrowed, idle: pool.available, pending: pool.pending, limit: pool.max, idleMin: pool.min };
  },
  ended: (pool) => pool._draining && pool.size === 0 && pool.borrowed === 0,
};

const OF_POOL: Replacements = {
  acquire: patchAcquire,
  release: patchReturn,
  destroy: patchReturn,
  _dispatchPooledResourceToNextWaitingClient: patchDispatch,
  _trackOperation: patchTrackOperation,
};

/** generic-pool. */
export const genericPoolLibrary: Library = {
  name: 'generic-pool',
  from: '3.4.0',
  below: '4.0.0',
  patch(exports) {
    const module = exports as Exports;
    const undos: (() => void)[] = [];
    try {
      undos.push(replaceAll(module.Pool.prototype, OF_POOL));
      undos.push(replaceAll(module.PriorityQueue.prototype, { enqueue: patchEnqueue, dequeue: patchDequeue }));
      undos.push(replaceAll(module, { createPool: patchCreatePool }));
    } catch (error) {
      undoAll(undos);
      throw error;
    }
    return { exports: { createPool: module.createPool }, undo: () => undoAll(undos) };
  },
};

function patchCreatePool(createPool: AnyFunction): AnyFunction {
  const create = disguise(function (this: unknown, ...args: unknown[]): unknown {
    const pool = createPool.apply(this, args);
    quietly(() => {
      foundPool(pool as GenericPool, kind, namedByPlace(create, 'generic-pool'));
    });
    return pool;
  }, createPool);
  return create;
}

function patchAcquire(acquire: AnyFunction): AnyFunction {
  return {
    acquire(this: GenericPool, ...args: unknown[]): unknown {
      current = { pool: this, request: find(this).request() };
      try {
        return acquire.apply(this, args);
      } finally {
        current = undefined;
      }
    },
  }.acquire;
}

function patchEnqueue(enqueue: AnyFunction): AnyFunction {
  return {
    enqueue(this: RequestQueue, request: ResourceRequest, ...args: unknown[]): unknown {
      quietly(() => {
        if (current === undefined || current.pool._waitingClientsQueue !== this) return;
        const known = requests(current.pool);
        known.waiting.set(request, current.request);
        if (known.waiting.size > 2 * known.swept + SWEEP_ABOVE) sweep(current.pool, find(current.pool));
      });
      return enqueue.call(this, request, ...args);
    },
  }.enqueue;
}

function patchDequeue(dequeue: AnyFunction): AnyFunction {
  return {
    dequeue(this: RequestQueue, ...args: unknown[]): unknown {
      const request = dequeue.apply(this, args);
      dequeued = request as ResourceRequest | undefined;
      return request;
    },
  }.dequeue;
}

function patchDispatch(dispatch: AnyFunction): AnyFunction {
  return {
    dispatch(this: GenericPool, pooled: { readonly obj: unknown }, ...args: unknown[]): unknown {
      dequeued = undefined;
      const result = dispatch.call(this, pooled, ...args);
      quietly(() => {
        const { waiting, borrowed } = requests(this);
        const request = dequeued === undefined ? undefined : waiting.get(dequeued);
        if (dequeued === undefined || request === undefined || result !== true) return;
        waiting.delete(dequeued);
        borrowed.set(pooled.obj, find(this).obtained(request));
      });
      dequeued = undefined;
      return result;
    },
  }.dispatch;
}

function patchTrackOperation(track: AnyFunction): AnyFunction {
  return {
    track(this: GenericPool, operation: PromiseLike<unknown>, set: object, ...args: unknown[]): unknown {
      const result = track.call(this, operation, set, ...args);
      if (set === quietly(() => this._factoryCreateOperations)) {
        const sinceMs = systemClock.monotonicMs();
        // The pool itself handles a failure of the operation, on both of its branches.
        operation.then(
          () => find(this).created(sinceMs),
          () => {},
        );
      }
      return result;
    },
  }.track;
}

function patchReturn(giveBack: AnyFunction): AnyFunction {
  return {
    giveBack(this: GenericPool, resource: unknown, ...args: unknown[]): unknown {
      quietly(() => {
        const { borrowed } = requests(this);
        const loan = borrowed.get(resource);
        if (loan !== undefined && borrowed.delete(resource)) find(this).returned(loan);
      });
      return giveBack.call(this, resource, ...args);
    },
  }.giveBack;
}

function requests(pool: GenericPool): Requests {
  let known = requestsOf.get(pool);
  if (known === undefined) {
    known = { waiting: new Map(), borrowed: new Map(), swept: 0 };
    requestsOf.set(pool, known);
  }
  return known;
}

// Requests end without having got a resource only when they time out.
function sweep(pool: GenericPool, found: FoundPool): void {
  const known = requests(pool);
  for (const request of known.waiting.keys()) {
    if (request.state !== 'REJECTED') continue;
    known.waiting.delete(request);
    found.timedOut();
  }
  known.swept = known.waiting.size;
}

// A pool that was made before the start has the name of the place that first asked it for something.
function find(pool: GenericPool): FoundPool {
  return knownPool(pool) ?? foundPool(pool, kind, namedByPlace(pool.acquire, 'generic-pool'));
}
