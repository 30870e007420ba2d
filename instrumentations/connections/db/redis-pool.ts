// The pool of redis (node-redis): it runs a function with one of its clients.
import { channel } from 'node:diagnostics_channel';
import type { Library } from '../../../src/loading/library.js';
import type { AnyFunction } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { replaceAll } from '../replace-all.js';
import { type FoundPool, foundPool, type PoolKind, type PoolRequest } from './found-pool.js';
import { type PoolIdentity, serverName } from './pool-identity.js';

interface ClientOptions {
  readonly url?: unknown;
  readonly socket?: { readonly host?: unknown; readonly port?: unknown; readonly path?: unknown };
  readonly database?: unknown;
}

interface Client {
  readonly options?: ClientOptions;
}

interface RedisPool {
  readonly _self?: RedisPool;
  readonly isOpen: boolean;
  readonly idleClients: number;
  readonly clientsInUse: number;
  readonly totalClients: number;
  readonly tasksQueueLength: number;
}

interface Limits {
  readonly minimum: number;
  readonly maximum: number;
}

type PoolClass = { readonly prototype: object };

// What the library takes where nothing is said; the pool does not tell.
const DEFAULTS: Limits = { minimum: 1, maximum: 100 };

const limitsOf = new WeakMap<object, Limits>();
const identities = new WeakMap<object, PoolIdentity>();
/** Clients that run no function yet, because they are connecting: the pool counts them as in use. */
const running = new WeakMap<object, number>();

// Where somebody listens on these channels, it is the library's own metrics.
const connections = channel('node-redis:connection:ready');

const kind: PoolKind<RedisPool> = {
  read(pool) {
    const used = Math.min(pool.clientsInUse, running.get(pool) ?? 0);
    const limits = limitsOf.get(pool);
    return {
      used,
      idle: pool.idleClients,
      pending: pool.tasksQueueLength,
      limit: limits?.maximum ?? Number.NaN,
      idleMin: limits?.minimum ?? Number.NaN,
    };
  },
  ended: (pool) => !pool.isOpen && pool.totalClients === 0,
  twin: () => ({ connections: connections.hasSubscribers, pending: connections.hasSubscribers }),
  untold: ['timeouts', 'create'],
};

/** The pool of redis. */
export const redisPoolLibrary: Library = {
  name: '@redis/client',
  from: '5.0.0',
  below: '7.0.0',
  file: 'dist/lib/client/pool.js',
  patch(exports) {
    const { RedisClientPool } = exports as { readonly RedisClientPool: PoolClass };
    const undoExecute = replaceAll(RedisClientPool.prototype, { execute: patchExecute });
    try {
      const undoCreate = replaceAll(RedisClientPool, { create: patchCreate });
      return {
        undo() {
          undoCreate();
          undoExecute();
        },
      };
    } catch (error) {
      undoExecute();
      throw error;
    }
  },
};

function patchCreate(create: AnyFunction): AnyFunction {
  return {
    create(this: unknown, ...args: unknown[]): unknown {
      const pool: unknown = create.apply(this, args);
      quietly(() => {
        const own = ownOf(pool as RedisPool);
        const [options, given] = args as [ClientOptions | undefined, Partial<Limits> | undefined];
        limitsOf.set(own, {
          minimum: given?.minimum ?? DEFAULTS.minimum,
          maximum: given?.maximum ?? DEFAULTS.maximum,
        });
        identities.set(own, identityFrom(options ?? {}));
      });
      return pool;
    },
  }.create;
}

function patchExecute(execute: AnyFunction): AnyFunction {
  return {
    execute(this: RedisPool, act: unknown, ...args: unknown[]): unknown {
      if (typeof act !== 'function') return execute.call(this, act, ...args);
      const pool = ownOf(this);
      const found = foundPool(pool, kind, (one) => identities.get(one));
      const request = found.request();
      const given = act as AnyFunction;
      return execute.call(
        this,
        function (this: unknown, ...values: unknown[]): unknown {
          const giveBack = quietly(() => borrow(pool, found, request, values[0] as Client)) ?? (() => {});
          let result: unknown;
          try {
            result = given.apply(this, values);
          } catch (error) {
            giveBack();
            throw error;
          }
          // The pool itself listens to both outcomes of a promise, so another listener changes nothing.
          if (result instanceof Promise) result.then(giveBack, giveBack);
          else giveBack();
          return result;
        },
        ...args,
      );
    },
  }.execute;
}

function borrow(pool: RedisPool, found: FoundPool, request: PoolRequest, client: Client): () => void {
  // A pool that was made before the start tells by its clients where it leads.
  if (!identities.has(pool)) identities.set(pool, identityFrom(client.options ?? {}));
  const loan = found.obtained(request);
  running.set(pool, (running.get(pool) ?? 0) + 1);
  return () => {
    running.set(pool, (running.get(pool) ?? 1) - 1);
    found.returned(loan);
  };
}

// What the application holds inherits from the pool, and so do the objects that its options make of it.
function ownOf(pool: RedisPool): RedisPool {
  return pool._self ?? pool;
}

function identityFrom({ url, socket, database }: ClientOptions): PoolIdentity {
  const parsed = typeof url === 'string' ? new URL(url) : undefined;
  const host = socket?.host ?? parsed?.hostname ?? 'localhost';
  // A port that is not said is the one that need not be said.
  const port = socket?.port ?? (parsed?.port === '' ? undefined : parsed?.port) ?? 6379;
  const place = socket?.path === undefined ? { address: host, port } : { address: socket.path, port: undefined };
  const namespace = database ?? parsed?.pathname.slice(1);
  return {
    // The database of Redis is a number, which names nothing.
    name: serverName(place.address, place.port),
    system: 'redis',
    namespace: namespace === undefined ? undefined : String(namespace),
    ...place,
    defaultPort: 6379,
  };
}
