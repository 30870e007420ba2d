// The pool of pg (pg-pool): requests are its `PendingItem`s, which it hands from method to method.
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import type { AnyFunction } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { replaceAll } from '../replace-all.js';
import { type FoundPool, foundPool, type PoolKind, type PoolRequest } from './found-pool.js';
import type { PoolIdentity } from './pool-identity.js';

interface PendingItem {
  callback: AnyFunction;
  readonly timedOut?: boolean;
}

interface Endpoint {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
}

interface PgPool {
  readonly options: Endpoint & { readonly max?: number; readonly min?: number };
  readonly ended: boolean;
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly _clients: readonly (object & Endpoint)[];
  readonly _pendingQueue: readonly PendingItem[];
  readonly connect: { readonly __wrapped?: unknown };
}

/** What is known of one pool; it must not outlive the pool, because items refer to it. */
interface Requests {
  readonly waiting: Map<PendingItem, PoolRequest>;
  /** Items that were in `waiting` when it was last looked through. */
  swept: number;
}

// Requests that have timed out are found when the waiting ones are looked through: at collection, or when there are many.
const SWEEP_ABOVE = 1000;

const CREATION_TIMEOUT = 'Connection terminated due to connection timeout';

const requestsOf = new WeakMap<object, Requests>();
const openingSince = new WeakMap<object, number>();
const borrowed = new WeakMap<object, PoolRequest>();

const kind: PoolKind<PgPool> = {
  read(pool, found) {
    sweep(pool, found);
    const opening = pool._clients.filter((client) => openingSince.has(client)).length;
    return {
      used: pool.totalCount - pool.idleCount - opening,
      idle: pool.idleCount,
      pending: pool.waitingCount + opening,
      limit: pool.options.max ?? Number.NaN,
      idleMin: pool.options.min ?? 0,
    };
  },
  ended: (pool) => pool.ended,
  twin(pool) {
    const isCounted = pool.connect.__wrapped === true;
    return { connections: isCounted, pending: isCounted };
  },
};

/** pg-pool, which pg brings. */
export const pgPoolLibrary: Library = {
  name: 'pg-pool',
  from: '3.0.0',
  below: '4.0.0',
  file: 'index.js',
  patch(exports) {
    const { prototype } = exports as { readonly prototype: object };
    const undo = replaceAll(prototype, {
      connect: patchConnect,
      newClient: patchNewClient,
      _acquireClient: patchAcquireClient,
      _release: patchRelease,
    });
    return { undo };
  },
};

function patchConnect(connect: AnyFunction): AnyFunction {
  return {
    connect(this: PgPool, ...args: unknown[]): unknown {
      const length = quietly(() => this._pendingQueue.length) ?? 0;
      const request = quietly(() => find(this).request());
      const result = connect.apply(this, args);
      quietly(() => {
        const queue = this._pendingQueue;
        const item = queue[queue.length - 1];
        if (item !== undefined && request !== undefined && queue.length > length) wait(this, item, request);
      });
      return result;
    },
  }.connect;
}

function patchNewClient(newClient: AnyFunction): AnyFunction {
  return {
    newClient(this: PgPool, item: PendingItem, ...args: unknown[]): unknown {
      const sinceMs = systemClock.monotonicMs();
      const length = quietly(() => this._clients.length) ?? 0;
      quietly(() => {
        const found = find(this);
        const { waiting } = requests(this);
        if (!waiting.has(item)) wait(this, item, found.request());
        const { callback } = item;
        item.callback = (...outcome: unknown[]): unknown => {
          if (outcome[0] != null && waiting.delete(item) && isCreationTimeout(outcome[0])) found.timedOut();
          return callback.apply(item, outcome);
        };
      });
      const result = newClient.call(this, item, ...args);
      quietly(() => {
        const client = this._clients[this._clients.length - 1];
        if (client !== undefined && this._clients.length > length) openingSince.set(client, sinceMs);
      });
      return result;
    },
  }.newClient;
}

function patchAcquireClient(acquireClient: AnyFunction): AnyFunction {
  return {
    acquireClient(this: PgPool, client: object, item: PendingItem, ...args: unknown[]): unknown {
      quietly(() => {
        const found = find(this);
        const sinceMs = openingSince.get(client);
        if (sinceMs !== undefined && openingSince.delete(client)) found.created(sinceMs);
        const { waiting } = requests(this);
        const request = waiting.get(item);
        // The pool also takes clients out for itself, when their time is up.
        if (request === undefined) return;
        waiting.delete(item);
        if (item.timedOut === true) found.timedOut();
        else borrowed.set(client, found.obtained(request));
      });
      return acquireClient.call(this, client, item, ...args);
    },
  }.acquireClient;
}

function patchRelease(release: AnyFunction): AnyFunction {
  return {
    release(this: PgPool, client: object, ...args: unknown[]): unknown {
      quietly(() => {
        const loan = borrowed.get(client);
        if (loan !== undefined && borrowed.delete(client)) find(this).returned(loan);
      });
      return release.call(this, client, ...args);
    },
  }.release;
}

function requests(pool: PgPool): Requests {
  let known = requestsOf.get(pool);
  if (known === undefined) {
    known = { waiting: new Map(), swept: 0 };
    requestsOf.set(pool, known);
  }
  return known;
}

function wait(pool: PgPool, item: PendingItem, request: PoolRequest): void {
  const known = requests(pool);
  known.waiting.set(item, request);
  if (known.waiting.size > 2 * known.swept + SWEEP_ABOVE) sweep(pool, find(pool));
}

function sweep(pool: PgPool, found: FoundPool): void {
  const known = requests(pool);
  for (const item of known.waiting.keys()) {
    if (item.timedOut === true && known.waiting.delete(item)) found.timedOut();
  }
  known.swept = known.waiting.size;
}

function isCreationTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === CREATION_TIMEOUT;
}

function find(pool: PgPool): FoundPool {
  return foundPool(pool, kind, identityOf);
}

// A client has parsed the connection string and the variables; options alone may say nothing.
function identityOf({ _clients, options }: PgPool): PoolIdentity {
  const { host, port, database } = _clients[0] ?? options;
  return { system: 'postgresql', namespace: database, address: host, port, defaultPort: 5432 };
}
