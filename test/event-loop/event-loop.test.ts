// The event-loop monitor as a whole: its series, its callback, what it keeps alive and what it holds.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createEventLoopMonitor, type EventLoopOptions } from '../../instrumentations/event-loop/index.js';
import { systemClock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';
import { createStore, type Store } from '../../src/recorder/store.js';
import { readStore } from '../support/read-store.js';

interface Started {
  readonly store: Store;
  readonly monitor: Monitor;
  readonly failures: unknown[];
}

function start(t: TestContext, options: EventLoopOptions): Started {
  const failures: unknown[] = [];
  const store = createStore({ clock: systemClock, report: (error) => failures.push(error) });
  const report = (_cause: string, error: unknown) => failures.push(error);
  const monitor = createEventLoopMonitor(options).start({ recorder: store, clock: systemClock, shared: false, report });
  t.after(() => monitor.stop());
  return { store, monitor, failures };
}

// Resolves after `count` turns of the probes' timer; `onTurn` sees each.
function turnsOf(t: TestContext, count: number, onTurn: (nowMs: number, nextDueMs: number) => void = () => {}) {
  let seen = 0;
  return new Promise<Started>((resolve) => {
    const started = start(t, {
      lagProbeIntervalMs: 10,
      onTurn(nowMs, nextDueMs) {
        onTurn(nowMs, nextDueMs);
        if (++seen === count) setImmediate(() => resolve(started));
      },
    });
    // The timer of the monitor keeps nothing alive, so the test has to.
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
  });
}

test('every signal has its series, and stop removes them all', async (t) => {
  const { store, monitor, failures } = await turnsOf(t, 20);
  const figures = readStore(store);
  const main = '{thread.name=main}';
  assert.ok((figures[`loopsight.eventloop.lag.count${main}`] ?? 0) >= 5, JSON.stringify(figures));
  const active = figures['nodejs.eventloop.time{nodejs.eventloop.state=active,thread.name=main}'] ?? Number.NaN;
  const idle = figures['nodejs.eventloop.time{nodejs.eventloop.state=idle,thread.name=main}'] ?? Number.NaN;
  assert.ok(active > 0 && idle > 0 && active + idle <= process.uptime(), `${active} s active, ${idle} s idle`);
  const utilization = figures[`nodejs.eventloop.utilization${main}`] ?? Number.NaN;
  assert.ok(utilization >= 0 && utilization <= 1, `utilization ${utilization}`);
  for (const name of ['iterations', 'events', 'events_waiting']) {
    assert.ok((figures[`loopsight.eventloop.${name}${main}`] ?? -1) >= 0, name);
  }
  assert.ok((figures['v8js.memory.heap.used{thread.name=main,v8js.heap.space.name=old_space}'] ?? 0) > 1e6);
  assert.ok((figures[`loopsight.heap.limit${main}`] ?? 0) > 1e7);
  if (process.platform === 'linux') {
    const cpuSeconds = figures[`loopsight.thread.cpu.time${main}`] ?? Number.NaN;
    const { user, system } = process.cpuUsage();
    assert.ok(cpuSeconds > 0 && cpuSeconds <= (user + system) / 1e6 + 0.1, `${cpuSeconds} s of CPU`);
  }
  monitor.stop();
  monitor.stop();
  assert.deepEqual(readStore(store), {});
  assert.deepEqual(failures, []);
});

test('onTurn gets the time and a later due time, from the start on', async (t) => {
  const turns: [number, number][] = [];
  const before = systemClock.monotonicMs();
  await turnsOf(t, 5, (nowMs, nextDueMs) => turns.push([nowMs, nextDueMs]));
  for (const [nowMs, nextDueMs] of turns) {
    assert.ok(nowMs >= before && nextDueMs > nowMs, `due ${nextDueMs} at ${nowMs}`);
  }
  assert.ok(turns.every(([nowMs], index) => nowMs >= (turns[index - 1]?.[0] ?? 0)));
});

test('a loop that sleeps is woken as often as its stalls ask for, and no more for the probes', async (t) => {
  const [nowMs, nextDueMs] = await new Promise<[number, number]>((resolve) => {
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
    start(t, {
      lagProbeIntervalMs: 10,
      turnEveryMs: 30,
      sleepingTurnEveryMs: 40,
      onTurn(nowMs, nextDueMs, isSleeping) {
        if (isSleeping) resolve([nowMs, nextDueMs]);
        else assert.ok(nextDueMs - nowMs <= 30.001);
      },
    });
  });
  assert.equal(Math.round(nextDueMs - nowMs), 40);
});

test('a stopped monitor does not turn again', async (t) => {
  let turns = 0;
  const { monitor } = await turnsOf(t, 3, () => turns++);
  monitor.stop();
  const stoppedAt = turns;
  // Another monitor's timers are the clock: more than enough turns for the first one, were it alive.
  await turnsOf(t, 20);
  assert.equal(turns, stoppedAt);
});

test('a callback that throws is reported, and the probes go on', async (t) => {
  let turns = 0;
  const failures = await new Promise<unknown[]>((resolve) => {
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
    const started = start(t, {
      lagProbeIntervalMs: 10,
      onTurn() {
        if (++turns === 3) setImmediate(() => resolve(started.failures));
        throw new Error('a bad heartbeat');
      },
    });
  });
  assert.ok(failures.length >= 3);
});

test('the timer keeps no store of a request that started the monitor', async (t) => {
  const requests = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await requests.run('request 1', () => turnsOf(t, 5, () => seen.push(requests.getStore())));
  assert.deepEqual(seen, [undefined, undefined, undefined, undefined, undefined]);
});

test('a process with the monitor ends when it would have ended without', () => {
  const program = `
    import { createEventLoopMonitor } from './instrumentations/event-loop/index.js';
    import { systemClock } from './src/clock.js';
    import { createStore } from './src/recorder/store.js';
    const report = () => {};
    createEventLoopMonitor().start({ recorder: createStore({ clock: systemClock, report }), clock: systemClock, shared: false, report });
  `;
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(child.status, 0, `${child.signal} ${child.stderr}`);
});
