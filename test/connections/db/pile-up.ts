// What a pile-up of a hundred tasks of 50 ms in front of four connections must look like, whatever the library.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectionsMonitor } from '../../../instrumentations/connections/index.js';
import { systemClock } from '../../../src/clock.js';
import { createStore } from '../../../src/recorder/store.js';
import type { DatabaseServer } from '../../libraries/servers/server.js';
import { eventually } from '../../support/eventually.js';
import { readStore, rethrow } from '../../support/read-store.js';
import { LIMIT, type Opener, type Pool } from './pools.js';

const TASKS = 100;

/** A library, and what its pools say. */
export interface PileUp {
  readonly library: string;
  readonly open: Opener;
  readonly server: (t: TestContext) => Promise<DatabaseServer | undefined>;
  /** The attributes of its series, given host and port. */
  readonly labels: (port: number) => Readonly<Record<string, string | number>>;
  readonly idleMin?: number;
  readonly idleMax?: number;
  readonly untold?: boolean;
  /** Connections that the library borrows for itself. */
  readonly own?: number;
}

/** Defines the test of one library. */
export function testPileUp(pileUp: PileUp): void {
  const { library, open, server: startServer, labels, idleMin, idleMax, untold = false, own = 0 } = pileUp;
  test(`a pile-up in front of ${library} is seen, and gone with its pool`, async (t) => {
    const server = await startServer(t);
    if (server === undefined) return;
    await using _ = server;
    const store = createStore({ clock: systemClock, report: rethrow });
    const monitor = connectionsMonitor.start({ recorder: store, clock: systemClock, shared: false, report: rethrow });
    const pool = await open(server);
    try {
      const series = (state?: string) => {
        const all = { ...labels(server.port), ...(state === undefined ? {} : { 'db.client.connection.state': state }) };
        const pairs = Object.entries(all).map(([key, value]) => `${key}=${value}`);
        return `{${pairs.sort().join(',')}}`;
      };
      const figures = () => {
        const read = readStore(store);
        return {
          used: read[`db.client.connection.count${series('used')}`],
          idle: read[`db.client.connection.count${series('idle')}`],
          pending: read[`db.client.connection.pending_requests${series()}`],
        };
      };

      let done = 0;
      const running = Array.from({ length: TASKS }, () => pool.task().finally(() => done++));
      const during = await eventually(figures, ({ used }) => used === LIMIT);
      // Some may have ended since the figures were read, but none before.
      assert.ok(TASKS - LIMIT - done <= (during.pending ?? 0), `${during.pending} wait, ${done} are done`);
      assert.ok((during.pending ?? 0) <= TASKS - LIMIT);
      assert.equal(during.idle, 0);

      const tasks = await Promise.all(running);
      await eventually(figures, ({ used, idle }) => used === 0 && idle === LIMIT);
      const read = readStore(store);
      assert.equal(read[`db.client.connection.pending_requests${series()}`], 0);
      assert.equal(read[`db.client.connection.limit${series()}`], LIMIT);
      assert.equal(read[`db.client.connection.idle.min${series()}`], idleMin);
      assert.equal(read[`db.client.connection.idle.max${series()}`], idleMax);
      assert.equal(read[`db.client.connection.timeouts${series()}`], untold ? undefined : 0);
      assert.equal(read[`db.client.connection.create_time.count${series()}`], untold ? undefined : LIMIT);
      assert.equal(read[`db.client.connection.wait_time.count${series()}`], TASKS + own);
      assert.equal(read[`db.client.connection.use_time.count${series()}`], TASKS + own);
      const sum = (of: (task: (typeof tasks)[number]) => number) => tasks.reduce((all, it) => all + of(it), 0) / 1000;
      near(
        read[`db.client.connection.wait_time.sum${series()}`],
        sum(({ waitMs }) => waitMs),
        'wait',
      );
      near(
        read[`db.client.connection.use_time.sum${series()}`],
        sum(({ useMs }) => useMs),
        'use',
      );

      await closing(pool);
      await eventually(
        () => Object.keys(readStore(store)).filter((name) => name.startsWith('db.')),
        (names) => names.length === 0,
      );
    } finally {
      await closing(pool);
      monitor.stop();
    }
  });
}

const closed = new WeakSet<Pool>();

async function closing(pool: Pool): Promise<void> {
  if (closed.has(pool)) return;
  closed.add(pool);
  await pool.close();
}

function near(value: number | undefined, truth: number, what: string): void {
  const share = Math.abs((value ?? Number.NaN) - truth) / truth;
  assert.ok(share < 0.1, `${what}: ${value} s in all, where the tasks saw ${truth} s`);
}

/** The attributes of a pool that leads to a server. */
export const at = (system: string, namespace?: string) => (port: number) => ({
  'db.client.connection.pool.name': namespace ?? `127.0.0.1:${port}`,
  ...(namespace === undefined ? {} : { 'db.namespace': namespace }),
  'db.system.name': system,
  'server.address': '127.0.0.1',
  'server.port': port,
});
