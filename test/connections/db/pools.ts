// Pools of every library, opened with room for four connections: each task borrows one for 50 ms and tells how long.
import { setTimeout as delay } from 'node:timers/promises';
import { fromLibraries } from '../../libraries/from-libraries.js';
import type { DatabaseServer } from '../../libraries/servers/server.js';

/** Connections that the pools may open. */
export const LIMIT = 4;
/** How long a task keeps its connection, in milliseconds. */
export const USE_MS = 50;

/** What a task saw, in milliseconds. */
export interface Task {
  readonly waitMs: number;
  readonly useMs: number;
}

/** A pool of one of the libraries. */
export interface Pool {
  /** Borrows a connection, uses it for USE_MS and gives it back. */
  task(): Promise<Task>;
  close(): Promise<void>;
}

export type Opener = (server: DatabaseServer) => Promise<Pool>;

async function timed<C>(
  borrow: () => Promise<C>,
  use: (it: C) => Promise<unknown>,
  back: (it: C) => unknown,
): Promise<Task> {
  const askedMs = performance.now();
  const connection = await borrow();
  const gotMs = performance.now();
  await use(connection);
  const useMs = performance.now() - gotMs;
  await back(connection);
  return { waitMs: gotMs - askedMs, useMs };
}

interface PgClient {
  query(text: string): Promise<unknown>;
  release(): void;
}
interface PgPool {
  connect(): Promise<PgClient>;
  on(event: 'error', listener: () => void): unknown;
  end(): Promise<void>;
}

export const openPg: Opener = async ({ host, port }) => {
  const { Pool } = fromLibraries('pg') as { Pool: new (options: object) => PgPool };
  const pool = new Pool({ host, port, user: 'app', database: 'postgres', max: LIMIT });
  // It has ended before its connections have, and the server may be gone first.
  pool.on('error', () => {});
  return {
    task: () =>
      timed(
        () => pool.connect(),
        (client) => client.query(`SELECT pg_sleep(${USE_MS / 1000})`),
        (client) => client.release(),
      ),
    close: () => pool.end(),
  };
};

interface MysqlConnection {
  query(text: string): Promise<unknown>;
  release(): void;
}
interface MysqlPool {
  getConnection(): Promise<MysqlConnection>;
  end(): Promise<void>;
}

export const openMysql2: Opener = async ({ host, port }) => {
  const { createPool } = fromLibraries('mysql2/promise') as { createPool(options: object): MysqlPool };
  const pool = createPool({ host, port, user: 'app', database: 'shop', connectionLimit: LIMIT });
  return {
    task: () =>
      timed(
        () => pool.getConnection(),
        (connection) => connection.query(`SELECT SLEEP(${USE_MS / 1000})`),
        (connection) => connection.release(),
      ),
    close: () => pool.end(),
  };
};

interface TarnPool {
  acquire(): { readonly promise: Promise<object> };
  release(resource: object): boolean;
  destroy(): Promise<unknown>;
}

export const openTarn: Opener = async () => {
  const { Pool } = fromLibraries('tarn') as { Pool: new (options: object) => TarnPool };
  const pool = new Pool({ create: () => delay(5, {}), destroy: () => {}, min: 0, max: LIMIT });
  return {
    task: () =>
      timed(
        () => pool.acquire().promise,
        () => delay(USE_MS),
        (resource) => pool.release(resource),
      ),
    close: async () => void (await pool.destroy()),
  };
};

interface Knex {
  readonly client: { acquireConnection(): Promise<PgClient>; releaseConnection(connection: PgClient): Promise<void> };
  destroy(): Promise<void>;
}

export const openKnex: Opener = async ({ host, port }) => {
  const knex = fromLibraries('knex') as (options: object) => Knex;
  const connection = { host, port, user: 'app', database: 'postgres' };
  const opened = knex({ client: 'pg', connection, pool: { min: 0, max: LIMIT } });
  const { client } = opened;
  return {
    task: () =>
      timed(
        () => client.acquireConnection(),
        (it) => it.query(`SELECT pg_sleep(${USE_MS / 1000})`),
        (it) => client.releaseConnection(it),
      ),
    close: () => opened.destroy(),
  };
};

interface GenericPool {
  acquire(): Promise<object>;
  release(resource: object): Promise<void>;
  drain(): Promise<void>;
  clear(): Promise<void>;
}

export const openGenericPool: Opener = async () => {
  const { createPool } = fromLibraries('generic-pool') as { createPool(factory: object, options: object): GenericPool };
  const pool = createPool({ create: () => delay(5, {}), destroy: async () => {} }, { max: LIMIT, min: 0 });
  return {
    task: () =>
      timed(
        () => pool.acquire(),
        () => delay(USE_MS),
        (resource) => pool.release(resource),
      ),
    async close() {
      await pool.drain();
      await pool.clear();
    },
  };
};

interface MongoEvent {
  readonly connectionId?: number;
}
interface MongoClient {
  connect(): Promise<unknown>;
  db(name: string): { command(command: object): Promise<unknown> };
  on(event: string, listener: (event: MongoEvent) => void): unknown;
  close(): Promise<void>;
}

/** The driver borrows for itself; its own events tell when, and it serves those who wait in their order. */
export const openMongodb: Opener = async ({ host, port }) => {
  const { MongoClient } = fromLibraries('mongodb') as {
    MongoClient: new (url: string, options: object) => MongoClient;
  };
  const client = new MongoClient(`mongodb://${host}:${port}`, { maxPoolSize: LIMIT, maxConnecting: LIMIT });
  await client.connect();
  const asked: number[] = [];
  const got = new Map<number | undefined, { readonly atMs: number; readonly waitMs: number }>();
  const tasks: Task[] = [];
  client.on('connectionCheckOutStarted', () => asked.push(performance.now()));
  client.on('connectionCheckedOut', ({ connectionId }) => {
    const atMs = performance.now();
    got.set(connectionId, { atMs, waitMs: atMs - (asked.shift() ?? Number.NaN) });
  });
  client.on('connectionCheckedIn', ({ connectionId }) => {
    const { atMs = Number.NaN, waitMs = Number.NaN } = got.get(connectionId) ?? {};
    tasks.push({ waitMs, useMs: performance.now() - atMs });
  });
  return {
    async task() {
      await client.db('shop').command({ ping: 1 });
      return tasks.shift() ?? { waitMs: Number.NaN, useMs: Number.NaN };
    },
    close: () => client.close(),
  };
};

interface RedisPool {
  connect(): Promise<unknown>;
  execute<T>(act: (client: { ping(): Promise<string> }) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const openRedisPool: Opener = async ({ host, port }) => {
  const { createClientPool } = fromLibraries('redis') as {
    createClientPool(client: object, options: object): RedisPool;
  };
  const pool = createClientPool(
    { url: `redis://${host}:${port}/2` },
    { minimum: 1, maximum: LIMIT, acquireTimeout: 0 },
  );
  await pool.connect();
  return {
    async task() {
      const askedMs = performance.now();
      return pool.execute(async (client) => {
        const gotMs = performance.now();
        await client.ping();
        await delay(USE_MS);
        return { waitMs: gotMs - askedMs, useMs: performance.now() - gotMs };
      });
    },
    close: () => pool.close(),
  };
};
