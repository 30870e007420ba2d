// Names the pools that knex makes of tarn by the database that they lead to.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../../src/loading/replace.js';
import { quietly } from '../quietly.js';
import { foundPool } from './found-pool.js';
import type { PoolIdentity } from './pool-identity.js';
import { type TarnPool, tarnKind } from './tarn.js';

interface Settings {
  readonly host?: unknown;
  readonly server?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
  readonly connectionString?: unknown;
  readonly socketPath?: unknown;
}

interface KnexClient {
  readonly dialect?: unknown;
  readonly pool?: TarnPool;
  readonly connectionSettings?: Settings;
}

// Names of systems in the conventions, and the ports that need not be said.
const SYSTEMS: Readonly<Record<string, { readonly system: string; readonly defaultPort?: number }>> = {
  postgresql: { system: 'postgresql', defaultPort: 5432 },
  cockroachdb: { system: 'cockroachdb', defaultPort: 26257 },
  redshift: { system: 'aws.redshift', defaultPort: 5439 },
  mysql: { system: 'mysql', defaultPort: 3306 },
  mssql: { system: 'microsoft.sql_server', defaultPort: 1433 },
  oracle: { system: 'oracle.db', defaultPort: 1521 },
  sqlite3: { system: 'sqlite' },
};

/** knex. */
export const knexLibrary: Library = {
  name: 'knex',
  from: '1.0.0',
  below: '4.0.0',
  file: 'lib/client.js',
  patch(exports) {
    const { prototype } = exports as { readonly prototype: object };
    return { undo: replaceMethod(prototype, 'initializePool', patchInitializePool) };
  },
};

function patchInitializePool(initializePool: AnyFunction): AnyFunction {
  return {
    initializePool(this: KnexClient, ...args: unknown[]): unknown {
      const result = initializePool.apply(this, args);
      quietly(() => {
        const { pool } = this;
        if (pool === undefined || typeof pool.numPendingAcquires !== 'function') return;
        // Settings may come later, from a function; the client keeps the pool, so it is held weakly.
        const client = new WeakRef(this);
        foundPool(pool, tarnKind, () => identityOf(client.deref()));
      });
      return result;
    },
  }.initializePool;
}

function identityOf(client: KnexClient | undefined): PoolIdentity | undefined {
  if (client?.connectionSettings === undefined) return undefined;
  const system = SYSTEMS[String(client.dialect)] ?? { system: 'other_sql' };
  const { connectionString, host, server, socketPath, port, database } = client.connectionSettings;
  const parsed = typeof connectionString === 'string' ? parse(connectionString) : {};
  return {
    ...system,
    namespace: database ?? parsed.namespace,
    address: socketPath ?? host ?? server ?? parsed.address,
    port: port ?? parsed.port,
  };
}

function parse(connectionString: string): PoolIdentity {
  try {
    const { hostname, port, pathname } = new URL(connectionString);
    return { address: hostname, port, namespace: decodeURIComponent(pathname.slice(1)) };
  } catch {
    return {};
  }
}
