// The pool of tarn, which knex uses: the pool announces what happens, with the number of the request.
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { type FoundPool, foundPool, knownPool, type PoolKind, type PoolRequest } from './found-pool.js';
import { namedByPlace } from './place-name.js';

/** A pool of tarn. */
export interface TarnPool {
  readonly min: number;
  readonly max: number;
  readonly destroyed: boolean;
  readonly acquire: AnyFunction;
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

interface Requests {
  readonly waiting: Map<unknown, PoolRequest>;
  /** When each connection was begun, in milliseconds. */
  readonly creating: Map<unknown, number>;
  readonly borrowed: Map<unknown, PoolRequest>;
}

const requestsOf = new WeakMap<object, Requests>();

/** How pools of tarn are asked. */
export const tarnKind: PoolKind<TarnPool> = {
  read: (pool) => ({
    used: pool.numUsed(),
    idle: pool.numFree(),
    pending: pool.numPendingAcquires(),
    limit: pool.max,
    idleMin: pool.min,
  }),
  ended: (pool) => pool.destroyed && pool.numUsed() === 0,
};

/** tarn. */
export const tarnLibrary: Library = {
  name: 'tarn',
  from: '3.0.0',
  below: '4.0.0',
  file: 'dist/Pool.js',
  patch(exports) {
    const { Pool } = exports as { readonly Pool: { readonly prototype: object } };
    return { undo: replaceMethod(Pool.prototype, '_executeEventHandlers', patchEvents) };
  },
};

function patchEvents(executeEventHandlers: AnyFunction): AnyFunction {
  return {
    executeEventHandlers(this: TarnPool, ...args: unknown[]): unknown {
      quietly(() => happened(this, args));
      return executeEventHandlers.apply(this, args);
    },
  }.executeEventHandlers;
}

function happened(pool: TarnPool, [event, subject, detail]: readonly unknown[]): void {
  if (event === 'acquireRequest') {
    requests(pool).waiting.set(subject, find(pool).request());
    return;
  }
  const known = requestsOf.get(pool);
  if (event === 'createRequest') requests(pool).creating.set(subject, systemClock.monotonicMs());
  else if (known === undefined) return;
  else if (event === 'createSuccess') created(find(pool), known, subject);
  else if (event === 'createFail') known.creating.delete(subject);
  else if (event === 'acquireSuccess') obtained(find(pool), known, subject, detail);
  else if (event === 'acquireFail') failed(find(pool), known, subject, detail);
  else if (event === 'release') returned(find(pool), known, subject);
}

function created(found: FoundPool, { creating }: Requests, id: unknown): void {
  const sinceMs = creating.get(id);
  if (sinceMs !== undefined && creating.delete(id)) found.created(sinceMs);
}

function obtained(found: FoundPool, { waiting, borrowed }: Requests, id: unknown, resource: unknown): void {
  const request = waiting.get(id);
  if (request !== undefined && waiting.delete(id)) borrowed.set(resource, found.obtained(request));
}

function failed(found: FoundPool, { waiting }: Requests, id: unknown, error: unknown): void {
  const isTimeout = error instanceof Error && error.constructor.name === 'TimeoutError';
  if (waiting.delete(id) && isTimeout) found.timedOut();
}

function returned(found: FoundPool, { borrowed }: Requests, resource: unknown): void {
  const loan = borrowed.get(resource);
  if (loan !== undefined && borrowed.delete(resource)) found.returned(loan);
}

function requests(pool: TarnPool): Requests {
  let known = requestsOf.get(pool);
  if (known === undefined) {
    known = { waiting: new Map(), creating: new Map(), borrowed: new Map() };
    requestsOf.set(pool, known);
  }
  return known;
}

// A pool that nobody named has the name of the place that first asked it for something.
function find(pool: TarnPool): FoundPool {
  return knownPool(pool) ?? foundPool(pool, tarnKind, namedByPlace(pool.acquire, 'tarn'));
}
