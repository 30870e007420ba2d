// The pool of mysql2, below its callbacks and its promises: a request is the callback that is waited with.
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import type { AnyFunction } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { replaceAll } from '../replace-all.js';
import { type FoundPool, foundPool, type PoolKind, type PoolRequest } from './found-pool.js';
import type { PoolIdentity } from './pool-identity.js';

interface List<T> {
  readonly length: number;
  get(index: number): T | undefined;
}

interface ConnectionConfig {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly socketPath?: unknown;
  readonly database?: unknown;
}

interface MysqlPool {
  readonly config: {
    readonly connectionConfig: ConnectionConfig;
    readonly connectionLimit: number;
    readonly maxIdle?: number;
  };
  readonly _closed: boolean;
  readonly _allConnections: List<object>;
  readonly _freeConnections: List<object>;
  readonly _connectionQueue: List<AnyFunction>;
}

interface Request {
  readonly request: PoolRequest;
  /** When the connection was begun that is created for it. */
  createdMs: number | undefined;
}

/** Requests by the callback that the pool calls. */
const requestOf = new WeakMap<AnyFunction, Request>();
/** Callbacks of others around ours that the pool asks again with. */
const askedAgain = new WeakSet<AnyFunction>();
const opening = new WeakSet<object>();
const borrowed = new WeakMap<object, PoolRequest>();

const kind: PoolKind<MysqlPool> = {
  read({ config, _allConnections: all, _freeConnections: free, _connectionQueue: queue }) {
    let created = 0;
    for (let index = 0; index < all.length; index++) {
      const connection = all.get(index);
      if (connection !== undefined && opening.has(connection)) created++;
    }
    return {
      used: all.length - free.length - created,
      idle: free.length,
      pending: queue.length + created,
      limit: config.connectionLimit > 0 ? config.connectionLimit : Number.NaN,
      idleMax: config.maxIdle ?? Number.NaN,
    };
  },
  ended: (pool) => pool._closed,
};

/** mysql2. */
export const mysql2Library: Library = {
  name: 'mysql2',
  from: '3.0.0',
  below: '4.0.0',
  file: 'lib/pool.js',
  patch(exports) {
    const { prototype } = exports as { readonly prototype: object };
    // Since 3.11.5 the pool inherits its methods from a base.
    const owner = Object.hasOwn(prototype, 'getConnection') ? prototype : Object.getPrototypeOf(prototype);
    const methods = { getConnection: patchGetConnection, releaseConnection: patchReleaseConnection };
    return { undo: replaceAll(owner as object, methods) };
  },
};

function patchGetConnection(getConnection: AnyFunction): AnyFunction {
  return {
    getConnection(this: MysqlPool, callback: unknown, ...args: unknown[]): unknown {
      if (typeof callback !== 'function') return getConnection.call(this, callback, ...args);
      const given = callback as AnyFunction;
      const again = requestOf.get(given);
      if (again === undefined && askedAgain.delete(given)) return getConnection.call(this, given, ...args);
      const found = find(this);
      const request = again ?? { request: found.request(), createdMs: undefined };
      const told = again === undefined ? tell(found, request, given) : given;
      const sinceMs = systemClock.monotonicMs();
      const length = quietly(() => this._allConnections.length) ?? 0;
      const result = getConnection.call(this, told, ...args);
      quietly(() => {
        const all = this._allConnections;
        const newest = all.get(all.length - 1);
        if (newest === undefined || all.length <= length) return;
        opening.add(newest);
        request.createdMs = sinceMs;
      });
      return result;
    },
  }.getConnection;
}

function tell(found: FoundPool, request: Request, callback: AnyFunction): AnyFunction {
  const told: AnyFunction = function (this: unknown, ...args) {
    quietly(() => obtained(found, request, args[0], args[1]));
    return callback.apply(this, args);
  };
  requestOf.set(told, request);
  return told;
}

function obtained(found: FoundPool, { request, createdMs }: Request, error: unknown, connection: unknown): void {
  if (error != null) {
    if ((error as { readonly code?: unknown }).code === 'ETIMEDOUT') found.timedOut();
    return;
  }
  if (typeof connection !== 'object' || connection === null) return;
  if (createdMs !== undefined && opening.delete(connection)) found.created(createdMs);
  borrowed.set(connection, found.obtained(request));
}

function patchReleaseConnection(releaseConnection: AnyFunction): AnyFunction {
  return {
    releaseConnection(this: MysqlPool, connection: object & { readonly _pool?: unknown }, ...args: unknown[]): unknown {
      quietly(() => {
        const loan = borrowed.get(connection);
        if (loan !== undefined && borrowed.delete(connection)) find(this).returned(loan);
        // For a connection that is gone, the pool asks again on behalf of the one that waits longest.
        const next = connection._pool ? undefined : this._connectionQueue.get(0);
        if (next !== undefined && !requestOf.has(next)) askedAgain.add(next);
      });
      return releaseConnection.call(this, connection, ...args);
    },
  }.releaseConnection;
}

function find(pool: MysqlPool): FoundPool {
  return foundPool(pool, kind, identityOf);
}

function identityOf({ config: { connectionConfig: it } }: MysqlPool): PoolIdentity {
  const place = it.socketPath === undefined ? { address: it.host, port: it.port } : { address: it.socketPath };
  return { system: 'mysql', namespace: it.database, ...place, defaultPort: 3306 };
}
