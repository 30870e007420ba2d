// Requests that wait too long, recorders that come and go, and what patching must leave as it was.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connectionsMonitor } from '../../../instrumentations/connections/index.js';
import { CONNECTION_LIBRARIES } from '../../../instrumentations/connections/libraries.js';
import { systemClock } from '../../../src/clock.js';
import type { Monitor } from '../../../src/instrumentation.js';
import { createStore, type Store } from '../../../src/recorder/store.js';
import { sharedState } from '../../../src/shared-state.js';
import { fromLibraries } from '../../libraries/from-libraries.js';
import { startMariadb } from '../../libraries/servers/mariadb.js';
import { startMongoStandIn } from '../../libraries/servers/mongo-stand-in.js';
import { startPostgres } from '../../libraries/servers/postgres.js';
import { startRedis } from '../../libraries/servers/redis.js';
import type { DatabaseServer } from '../../libraries/servers/server.js';
import { shared } from '../../libraries/servers/shared.js';
import { eventually } from '../../support/eventually.js';
import { readStore, rethrow } from '../../support/read-store.js';

const TIMEOUT_MS = 60;
/** The same where a connection is opened meanwhile, which takes a busy machine a while. */
const OPENING_TIMEOUT_MS = 1500;

const postgres = shared(startPostgres);
const mariadb = shared(startMariadb);

type Functions = (typeof CONNECTION_LIBRARIES)[number];

function startOn(store: Store, shared = false): Monitor {
  return connectionsMonitor.start({ recorder: store, clock: systemClock, shared, report: rethrow });
}

const newStore = () => createStore({ clock: systemClock, report: rethrow });

/** The sum of all series of one metric; undefined where there is none. */
function total(store: Store, metric: string): number | undefined {
  const values = Object.entries(readStore(store)).filter(
    ([name]) => name.split('{')[0] === `db.client.connection.${metric}`,
  );
  return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + value, 0);
}

interface Impatient {
  /** Borrows the only connection and returns how to give it back; a second call waits until it is too late. */
  borrow(): Promise<() => unknown>;
  close(): Promise<unknown>;
}

interface Case {
  readonly library: string;
  readonly server: (t: TestContext) => Promise<DatabaseServer | undefined>;
  open(server: DatabaseServer): Impatient;
}

const noServer = async (): Promise<DatabaseServer> => ({
  host: '127.0.0.1',
  port: 0,
  [Symbol.asyncDispose]: async () => {},
});

interface Client {
  release(): void;
}
interface PgPool {
  connect(): Promise<Client>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): unknown;
}
type PgExports = { readonly Pool: new (options: object) => PgPool };
interface TarnPool {
  acquire(): { readonly promise: Promise<object> };
  release(resource: object): boolean;
  destroy(): Promise<unknown>;
}
interface GenericPool {
  acquire(): Promise<object>;
  release(resource: object): Promise<void>;
  drain(): Promise<void>;
  clear(): Promise<void>;
}

function openPg({ host, port }: DatabaseServer, options: object = {}): PgPool {
  const { Pool } = fromLibraries('pg') as PgExports;
  const pool = new Pool({ host, port, user: 'app', database: 'postgres', max: 1, ...options });
  pool.on('error', () => {});
  return pool;
}

const CASES: readonly Case[] = [
  {
    library: 'pg',
    server: postgres,
    open(server) {
      const pool = openPg(server, { connectionTimeoutMillis: OPENING_TIMEOUT_MS });
      return {
        async borrow() {
          const client = await pool.connect();
          return () => client.release();
        },
        close: () => pool.end(),
      };
    },
  },
  {
    library: 'tarn',
    server: noServer,
    open() {
      const { Pool } = fromLibraries('tarn') as { Pool: new (options: object) => TarnPool };
      const options = { min: 0, max: 1, acquireTimeoutMillis: TIMEOUT_MS };
      const pool = new Pool({ create: async () => ({}), destroy: () => {}, ...options });
      return {
        async borrow() {
          const resource = await pool.acquire().promise;
          return () => pool.release(resource);
        },
        close: () => pool.destroy(),
      };
    },
  },
  {
    library: 'generic-pool',
    server: noServer,
    open() {
      const { createPool } = fromLibraries('generic-pool') as { createPool(...of: object[]): GenericPool };
      const factory = { create: async () => ({}), destroy: async () => {} };
      const pool = createPool(factory, { max: 1, acquireTimeoutMillis: TIMEOUT_MS });
      return {
        async borrow() {
          const resource = await pool.acquire();
          return () => pool.release(resource);
        },
        close: () => pool.drain().then(() => pool.clear()),
      };
    },
  },
  {
    library: 'mongodb',
    server: () => startMongoStandIn({ pingMs: 2 * OPENING_TIMEOUT_MS }),
    open({ host, port }) {
      const { MongoClient } = fromLibraries('mongodb') as {
        MongoClient: new (
          url: string,
          options: object,
        ) => {
          db(name: string): { command(command: object): Promise<unknown> };
          on(event: 'commandStarted', listener: (event: { readonly commandName: string }) => void): unknown;
          close(): Promise<void>;
        };
      };
      const options = { maxPoolSize: 1, waitQueueTimeoutMS: OPENING_TIMEOUT_MS, monitorCommands: true };
      const client = new MongoClient(`mongodb://${host}:${port}`, options);
      // The driver borrows for as long as the command takes.
      const borrowed = new Promise<void>((resolve) => {
        client.on('commandStarted', ({ commandName }) => {
          if (commandName === 'ping') resolve();
        });
      });
      let sent = 0;
      return {
        async borrow() {
          const reply = client.db('shop').command({ ping: ++sent });
          await (sent > 1 ? reply : Promise.race([borrowed, reply]));
          return () => reply;
        },
        close: () => client.close(),
      };
    },
  },
];

for (const { library, server: startServer, open } of CASES) {
  test(`a request for a connection of ${library} that waits too long is counted, and waits no longer`, async (t) => {
    const server = await startServer(t);
    if (server === undefined) return;
    await using _ = server;
    const store = newStore();
    const monitor = startOn(store);
    const pool = open(server);
    try {
      const giveBack = await pool.borrow();
      assert.equal(total(store, 'timeouts'), 0);
      await assert.rejects(pool.borrow());
      await eventually(
        () => total(store, 'timeouts'),
        (timeouts) => timeouts === 1,
      );
      await eventually(
        () => total(store, 'pending_requests'),
        (pending) => pending === 0,
      );
      await giveBack();
      // The driver borrows once for itself, to connect.
      assert.equal(total(store, 'wait_time.count'), library === 'mongodb' ? total(store, 'use_time.count') : 1);
    } finally {
      await pool.close();
      monitor.stop();
    }
  });
}

test('a connection of pg that is never opened is a timeout, and nobody waits for it any more', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const store = newStore();
  const monitor = startOn(store);
  const pool = openPg({ ...(await noServer()), port }, { connectionTimeoutMillis: TIMEOUT_MS });
  try {
    const opening = pool.connect();
    assert.equal(total(store, 'pending_requests'), 1);
    assert.equal(total(store, 'count'), 0);
    await assert.rejects(opening, /timeout/);
    assert.equal(total(store, 'timeouts'), 1);
    assert.equal(total(store, 'pending_requests'), 0);
    assert.equal(total(store, 'create_time.count'), 0);
  } finally {
    await pool.end();
    monitor.stop();
    silent.close();
  }
});

test('a full queue of mysql2 is no timeout, and a callback is called with what it was called with', async (t) => {
  const server = await mariadb(t);
  if (server === undefined) return;
  await using _ = server;
  const store = newStore();
  const monitor = startOn(store);
  type Callback = (error: Error | null, connection?: Client) => void;
  const mysql = fromLibraries('mysql2') as {
    createPool(options: object): { getConnection(callback: Callback): void; end(callback: () => void): void };
  };
  const { host, port } = server;
  const pool = mysql.createPool({ host, port, user: 'app', connectionLimit: 1, queueLimit: 1 });
  const ask = () =>
    new Promise<readonly unknown[]>((resolve) => {
      pool.getConnection((...args) => resolve(args));
    });
  try {
    const [none, connection] = await ask();
    assert.equal(none, null);
    const second = ask();
    const [refused] = await ask();
    assert.match(String(refused), /Queue limit reached/);
    assert.equal(total(store, 'pending_requests'), 1);
    (connection as Client).release();
    const [, again] = await second;
    assert.equal(again, connection);
    (again as Client).release();
    assert.equal(total(store, 'timeouts'), 0);
    assert.equal(total(store, 'wait_time.count'), 2);
    assert.equal(total(store, 'use_time.count'), 2);
  } finally {
    await new Promise<void>((resolve) => pool.end(resolve));
    monitor.stop();
  }
});

for (const traced of [false, true]) {
  test(`who waits for a connection of mysql2 that is lost waits on for a new one, traced: ${traced}`, async (t) => {
    const server = await mariadb(t);
    if (server === undefined) return;
    await using _ = server;
    const store = newStore();
    const monitor = startOn(store);
    // With a subscriber the library puts a callback of Node around ours.
    const subscriber = () => {};
    if (traced) subscribe('tracing:mysql2:pool:connect:start', subscriber);
    type Lost = Client & { destroy(): void };
    const mysql = fromLibraries('mysql2/promise') as {
      createPool(options: object): { getConnection(): Promise<Lost>; end(): Promise<void> };
    };
    const { host, port } = server;
    const pool = mysql.createPool({ host, port, user: 'app', connectionLimit: 1 });
    try {
      const first = await pool.getConnection();
      const waiting = pool.getConnection();
      first.destroy();
      (await waiting).release();
      assert.equal(total(store, 'wait_time.count'), 2);
      assert.equal(total(store, 'use_time.count'), 2);
      assert.equal(total(store, 'create_time.count'), traced ? 1 : 2);
      assert.equal(total(store, 'count'), 1);
    } finally {
      await pool.end();
      if (traced) unsubscribe('tracing:mysql2:pool:connect:start', subscriber);
      monitor.stop();
    }
  });
}

test('a client of a redis pool that is connecting is not in use', async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  await using _ = server;
  const store = newStore();
  const monitor = startOn(store);
  const { createClientPool } = fromLibraries('redis') as {
    createClientPool(...of: object[]): {
      connect(): Promise<unknown>;
      execute(act: () => Promise<void>): Promise<void>;
      close(): Promise<void>;
    };
  };
  const pool = createClientPool({ socket: { host: server.host, port: server.port } }, { minimum: 1, maximum: 2 });
  await pool.connect();
  const inState = (state: string) =>
    Object.entries(readStore(store)).find(([name]) => name.includes(`state=${state}`))?.[1];
  const used = () => inState('used');
  try {
    await pool.execute(async () => {});
    await eventually(
      () => inState('idle'),
      (idle) => idle === 1,
    );
    assert.equal(used(), 0);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const both = [pool.execute(() => held), pool.execute(() => held)];
    assert.equal(used(), 1);
    await eventually(used, (value) => value === 2);
    letGo();
    await Promise.all(both);
  } finally {
    await pool.close();
    monitor.stop();
  }
});

test('each recorder records once, from its start to its stop', async () => {
  const [first, second] = [newStore(), newStore()];
  const { Pool } = fromLibraries('tarn') as { Pool: new (options: object) => TarnPool };
  const pool = new Pool({ create: async () => ({}), destroy: () => {}, min: 0, max: 1 });
  const use = async () => {
    const resource = await pool.acquire().promise;
    pool.release(resource);
  };
  await use();
  const monitors = [startOn(first)];
  assert.deepEqual(readStore(first), {}, 'a pool is found when it is used');
  await use();
  monitors.push(startOn(second));
  await use();
  assert.equal(total(first, 'wait_time.count'), 2);
  assert.equal(total(second, 'wait_time.count'), 1);
  assert.equal(total(second, 'count'), 1);
  monitors[0]?.stop();
  await use();
  assert.deepEqual(readStore(first), {});
  assert.equal(total(second, 'wait_time.count'), 2);
  monitors[1]?.stop();
  monitors[1]?.stop();
  await use();
  assert.deepEqual(readStore(second), {});
  await pool.destroy();
});

test('what OpenTelemetry counts itself is left out where both record into one Meter', async (t) => {
  const server = await postgres(t);
  if (server === undefined) return;
  await using _ = server;
  const { prototype } = fromLibraries('pg-pool') as { prototype: { connect(...args: unknown[]): unknown } };
  const { connect } = prototype;
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    return connect.apply(this, args);
  };
  Object.assign(wrapped, { __wrapped: true });
  prototype.connect = wrapped;
  const [own, common] = [newStore(), newStore()];
  const monitors = [startOn(own), startOn(common, true)];
  const pool = openPg(server);
  try {
    (await pool.connect()).release();
    assert.deepEqual(
      ['count', 'pending_requests', 'limit', 'wait_time.count'].map((metric) => total(own, metric)),
      [1, 0, 1, 1],
    );
    assert.deepEqual(
      ['count', 'pending_requests', 'limit', 'wait_time.count'].map((metric) => total(common, metric)),
      [undefined, undefined, 1, 1],
    );
  } finally {
    await pool.end();
    for (const monitor of monitors) monitor.stop();
    prototype.connect = connect;
  }
});

test('pools of one database that OpenTelemetry does not count are not left out with the one that it does', async () => {
  const attributes = { 'db.client.connection.pool.name': 'shop' };
  const figures = { attributes, pending: 1, limit: 4, idleMin: 0, idleMax: Number.NaN };
  const sources = [
    { ...figures, used: 3, idle: 1, twin: { connections: true, pending: true } },
    { ...figures, used: 2, idle: 0, twin: { connections: false, pending: false } },
  ].map((reading) => ({ read: () => reading, refresh() {} }));
  const [own, common] = [newStore(), newStore()];
  const monitors = [startOn(own), startOn(common, true)];
  for (const source of sources) sharedState().pools?.add(source);
  try {
    const of = (store: Store) => ['count', 'pending_requests', 'limit'].map((metric) => total(store, metric));
    assert.deepEqual(of(own), [6, 2, 8]);
    assert.deepEqual(of(common), [2, 1, 8]);
  } finally {
    for (const source of sources) sharedState().pools?.delete(source);
    for (const monitor of monitors) monitor.stop();
  }
});

test('what is patched looks like what it was, and is it again after the stop', () => {
  const files = CONNECTION_LIBRARIES.map(({ name, file }) => moduleOf(name, file)).filter((it) => it !== undefined);
  assert.ok(files.length >= 11, `${files.length} modules`);
  const before = files.flatMap(functionsOf);
  const monitor = startOn(newStore());
  const during = files.flatMap(functionsOf);
  assert.ok(during.some((one, index) => one !== before[index]));
  assert.deepEqual(during.map(lookOf), before.map(lookOf));
  monitor.stop();
  const after = files.flatMap(functionsOf);
  assert.equal(after.length, before.length);
  for (const [index, one] of after.entries()) assert.equal(one, before[index]);
});

// What a package does not export it has loaded all the same.
function moduleOf(name: Functions['name'], file: Functions['file']): unknown {
  const packages: Readonly<Record<string, string>> = { '@redis/client': 'redis', 'pg-pool': 'pg' };
  fromLibraries(packages[name] ?? name);
  const ending = `/node_modules/${name}/${file ?? 'index.js'}`;
  const cache = (fromLibraries('module') as { _cache: Record<string, { exports: unknown }> })._cache;
  return Object.entries(cache).find(([path]) => path.endsWith(ending))?.[1].exports;
}

function functionsOf(exports: unknown): unknown[] {
  const owners = [exports, ...Object.values(exports as object)].filter((it) => it !== null && typeof it !== 'string');
  return owners.flatMap((owner) => {
    const prototype: unknown = typeof owner === 'function' ? owner.prototype : undefined;
    const base: unknown = typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype);
    return [owner, prototype, base].flatMap((target) =>
      typeof target === 'object' || typeof target === 'function' ? ownFunctions(target) : [],
    );
  });
}

function ownFunctions(target: object | null): unknown[] {
  const properties = Object.values(Object.getOwnPropertyDescriptors(target ?? {}));
  return properties.map(({ value }) => value as unknown).filter((value) => typeof value === 'function');
}

function lookOf(one: unknown): readonly unknown[] {
  const { name, length } = one as { name: string; length: number };
  return [
    name,
    length,
    Reflect.ownKeys(one as object)
      .map(String)
      .sort()
      .join(),
  ];
}
