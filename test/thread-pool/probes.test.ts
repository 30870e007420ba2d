// Probes of the pool, with a pool and a clock that the test moves.
import assert from 'node:assert/strict';
import test, { mock, type TestContext } from 'node:test';
import { startPoolFigures } from '../../instrumentations/thread-pool/live.js';
import type { PoolLane } from '../../instrumentations/thread-pool/pool-requests.js';
import { markUsed, openPoolUse } from '../../instrumentations/thread-pool/pool-use.js';
import { createPoolProbes, PROBES } from '../../instrumentations/thread-pool/probes.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const count = (lane: PoolLane) => `loopsight.threadpool.wait.duration.count{threadpool.lane=${lane}}`;
const sum = (lane: PoolLane) => `loopsight.threadpool.wait.duration.sum{threadpool.lane=${lane}}`;
const age = (lane: PoolLane) => `loopsight.threadpool.oldest_age{threadpool.lane=${lane}}`;

function start(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let nowMs = 1_000;
  let activeMs = 0;
  const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
  const recorder = createStore({ clock, report: rethrow });
  const waiting: Record<PoolLane, (() => void)[]> = { default: [], slow_io: [] };
  const probes = createPoolProbes({
    recorder,
    clock,
    report: rethrow,
    activeMs: () => activeMs,
    probes: {
      default: (done) => void waiting.default.push(done),
      slow_io: (done) => void waiting.slow_io.push(done),
    },
  });
  t.after(() => probes.stop());
  return {
    probes,
    waiting,
    /** Time passes until the next probe. */
    turn() {
      const before = waiting.default.length;
      for (let ms = 0; ms < 60_000 && waiting.default.length === before; ms++) mock.timers.tick(1);
      return waiting.default.length > before;
    },
    pass(ms: number, busyMs = 0) {
      nowMs += ms;
      activeMs += busyMs;
    },
    read() {
      probes.observe();
      return readStore(recorder);
    },
  };
}

test('a probe records how long it waited, less what its own thread was busy', (t) => {
  const { probes, waiting, turn, pass, read } = start(t);
  assert.deepEqual(read(), {});
  probes.begin('default');
  probes.begin('default');
  assert.deepEqual([read()[count('default')], read()[age('default')]], [0, 0]);
  assert.ok(turn());
  pass(250, 50);
  assert.equal(read()[age('default')], 0.25);
  waiting.default.shift()?.();
  const values = read();
  assert.deepEqual([values[count('default')], values[age('default')]], [1, 0]);
  assert.ok(Math.abs(Number(values[sum('default')]) - 0.2) < 1e-9);
});

test('several wait at a time, but not without end, and the oldest is told', (t) => {
  const { probes, waiting, turn, pass, read } = start(t);
  probes.begin('default');
  assert.ok(turn());
  pass(3_000);
  for (let probe = 1; probe < 100; probe++) assert.ok(turn());
  assert.equal(turn(), false);
  assert.equal(waiting.default.length, 100);
  assert.equal(read()[age('default')], 3);
  for (const done of waiting.default) done();
  assert.deepEqual([read()[count('default')], read()[sum('default')]], [100, 3]);
});

test('a lane is probed once it begins', (t) => {
  const { probes, waiting, turn, read } = start(t);
  probes.begin('default');
  assert.ok(turn());
  assert.equal(waiting.slow_io.length, 0);
  probes.begin('slow_io');
  assert.ok(turn());
  assert.equal(waiting.slow_io.length, 1);
  assert.equal(read()[count('slow_io')], 0);
});

test('after stop nothing is sent or recorded', (t) => {
  const { probes, waiting, turn, read } = start(t);
  probes.begin('default');
  assert.ok(turn());
  probes.stop();
  probes.stop();
  waiting.default.shift()?.();
  probes.begin('slow_io');
  assert.equal(turn(), false);
  assert.deepEqual(read(), {});
});

test('a lane that cannot be probed is told of once and has no series', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const failures: string[] = [];
  const clock = { monotonicMs: () => 0, unixMs: () => 0 };
  const recorder = createStore({ clock, report: rethrow });
  const probes = createPoolProbes({
    recorder,
    clock,
    report: (cause) => failures.push(cause),
    probes: {
      default() {
        throw new Error('no cryptography');
      },
      slow_io() {},
    },
  });
  t.after(() => probes.stop());
  for (let time = 0; time < 3; time++) {
    probes.begin('default');
    mock.timers.tick(60_000);
  }
  assert.deepEqual(failures, ['the lane default of the thread pool cannot be probed']);
  assert.deepEqual(readStore(recorder), {});
});

test('only lanes that have been used are probed', (t) => {
  const clock = { monotonicMs: () => 0, unixMs: () => 0 };
  const recorder = createStore({ clock, report: rethrow });
  const poolUse = openPoolUse();
  const figures = startPoolFigures({ recorder, clock, poolUse, probes: true, report: rethrow });
  t.after(() => figures.stop());
  markUsed(openPoolUse(poolUse.buffer), 'slow_io');
  readStore(recorder);
  assert.equal(readStore(recorder)[count('slow_io')], 0);
});

for (const lane of ['default', 'slow_io'] as const) {
  test(`the probe of the lane ${lane} comes back without an error`, async () => {
    const [error] = await new Promise<unknown[]>((resolve) =>
      PROBES[lane]((...results: unknown[]) => resolve(results)),
    );
    assert.equal(error, null);
  });
}
