import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import test, { before, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import * as namespace from 'node:worker_threads';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { workerThreadsMonitor } from '../../instrumentations/worker-threads/index.js';
import { createNameLimit, NAME_LIMIT } from '../../instrumentations/worker-threads/thread-names.js';
import { systemClock } from '../../src/clock.js';
import { markOwn } from '../../src/own.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const IDLE = 'setInterval(() => {}, 1000)';
const SPIN = 'require("node:worker_threads").parentPort.postMessage("blocking"); while (true);';
const WAIT = `require("node:worker_threads").parentPort.postMessage("blocking");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;

const cjs = createRequire(import.meta.url)('node:worker_threads') as typeof namespace;
const options = (name?: string): WorkerOptions => ({
  eval: true,
  execArgv: [],
  ...(name === undefined ? {} : { name }),
});

// The loader that compiles this file may have begun a worker of its own, of which the process tells in its next turn.
before(() => setImmediate());

function watch(t: TestContext) {
  const errors: unknown[] = [];
  const report = (_cause: string, error: unknown) => void errors.push(error);
  const store = createStore({ clock: systemClock, report: (error) => void errors.push(error) });
  const monitor = workerThreadsMonitor.start({ recorder: store, clock: systemClock, shared: false, report });
  const workers: Worker[] = [];
  t.after(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
    monitor.stop();
    assert.deepEqual(errors, []);
  });
  return {
    monitor,
    read: () => readStore(store),
    begin(code: string, name?: string, Class = Worker): Worker {
      const worker = new Class(code, options(name));
      workers.push(worker);
      return worker;
    },
    async readUntil(condition: (values: Readonly<Record<string, number>>) => boolean) {
      for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
        const values = readStore(store);
        if (condition(values)) return values;
        assert.ok(Date.now() < deadline, JSON.stringify(values));
      }
    },
  };
}

test('every way to create a worker is found, with its name', async (t) => {
  const { begin, read } = watch(t);
  class Renderer extends Worker {}
  await Promise.all([
    once(begin(IDLE, ' named import '), 'online'),
    once(begin(IDLE, 'subclass', Renderer), 'online'),
    once(begin(IDLE, 'namespace', namespace.Worker), 'online'),
    once(begin(IDLE, 'require', cjs.Worker), 'online'),
    once(begin(IDLE), 'online'),
    once(begin(IDLE, 'main'), 'online'),
  ]);
  const values = read();
  for (const name of ['named import', 'subclass', 'namespace', 'require', 'worker', 'main (worker)']) {
    assert.equal(values[`loopsight.workers{thread.name=${name}}`], 1, name);
  }
});

test('a worker from just before the start, in the same turn, is found', async (t) => {
  const early = new Worker(IDLE, options());
  t.after(() => early.terminate());
  const { read } = watch(t);
  await once(early, 'online');
  assert.equal(read()['loopsight.workers{thread.name=worker}'], 1);
});

test('a worker stays what it is', async (t) => {
  const { begin } = watch(t);
  class Renderer extends Worker {
    readonly sheets = 3;
  }
  const plain = begin(IDLE, 'plain');
  const special = begin(IDLE, 'special', Renderer) as Renderer;
  assert.ok(plain instanceof Worker && special instanceof Worker && special instanceof Renderer);
  assert.equal(plain.constructor, Worker);
  assert.equal(special.constructor, Renderer);
  assert.equal(special.sheets, 3);
  assert.equal(Worker.name, 'Worker');
  assert.equal(plain.listenerCount('error'), 0);
  assert.throws(() => new Worker('relative-without-dot'), { code: 'ERR_WORKER_PATH' });
  // @ts-expect-error: a Worker must be constructed.
  assert.throws(() => Worker(IDLE), TypeError);
});

for (const [how, code] of [
  ['a loop without end', SPIN],
  ['Atomics.wait', WAIT],
] as const) {
  test(`a worker blocked for ever by ${how} is read from outside, as busy`, async (t) => {
    const { begin, readUntil } = watch(t);
    await once(begin(code, 'blocked'), 'message');
    const key = (state: string) => `nodejs.eventloop.time{nodejs.eventloop.state=${state},thread.name=blocked}`;
    const values = await readUntil((current) => (current[key('active')] ?? 0) > 0.2);
    assert.ok((values['nodejs.eventloop.utilization{thread.name=blocked}'] ?? 0) > 0.5);
    assert.ok((values[key('idle')] ?? 1) < 0.2);
  });
}

test('workers of one name add up, and their counters keep what ended members used', async (t) => {
  const { begin, readUntil, read } = watch(t);
  const busy = begin(SPIN, 'pool');
  const idle = begin(IDLE, 'pool');
  await Promise.all([once(busy, 'message'), once(idle, 'online')]);
  const active = 'nodejs.eventloop.time{nodejs.eventloop.state=active,thread.name=pool}';
  const utilization = 'nodejs.eventloop.utilization{thread.name=pool}';
  // One of two is idle, but for its start.
  const before = await readUntil((values) => (values[active] ?? 0) > 0.3 && (values[utilization] ?? 1) < 0.9);
  assert.equal(before['loopsight.workers{thread.name=pool}'], 2);

  await busy.terminate();
  // How busy it was while it started counts for ten seconds, or less where starting took less.
  const after = await readUntil((values) => (values[utilization] ?? 1) < 0.3);
  assert.equal(after['loopsight.workers{thread.name=pool}'], 1);
  assert.equal(after['loopsight.worker.exits{exit.code=1,thread.name=pool}'], 1);
  assert.ok((after[active] ?? 0) >= (before[active] ?? 1));

  await idle.terminate();
  const ended = read();
  assert.equal(ended['loopsight.workers{thread.name=pool}'], 0);
  assert.ok((ended[active] ?? 0) >= (after[active] ?? 1));
  assert.equal(ended[utilization], undefined);
});

test('exits are counted by code', async (t) => {
  const { begin, read } = watch(t);
  const ends = [
    begin('', 'job'),
    begin('process.exit(7)', 'job'),
    begin('throw new Error("expected by the test")', 'job').on('error', () => {}),
  ];
  await Promise.all(ends.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  const values = read();
  for (const code of [0, 7, 1]) assert.equal(values[`loopsight.worker.exits{exit.code=${code},thread.name=job}`], 1);
  assert.equal(values['loopsight.workers{thread.name=job}'], 0);
});

test('an exit that never reached us ends the worker all the same', async (t) => {
  const { begin, readUntil } = watch(t);
  const worker = begin(IDLE, 'stripped');
  await once(worker, 'online');
  worker.removeAllListeners();
  await worker.terminate();
  const values = await readUntil((current) => current['loopsight.workers{thread.name=stripped}'] === 0);
  assert.equal(values['loopsight.worker.exits{exit.code=unknown,thread.name=stripped}'], 1);
});

test('a worker of our own is not counted', async (t) => {
  const { begin, read } = watch(t);
  const own = begin(IDLE, 'observer');
  markOwn(own);
  await once(own, 'online');
  assert.deepEqual(Object.keys(read()), []);
});

test('listeners of `worker` that the application removes are made up for', async (t) => {
  const { begin, read } = watch(t);
  process.removeAllListeners('worker');
  await once(begin(IDLE, 'quiet'), 'online');
  assert.equal(read()['loopsight.workers{thread.name=quiet}'], 1);
});

test('foreign events under the same name are ignored', (t) => {
  const { read } = watch(t);
  // @ts-expect-error: no worker.
  process.emit('worker', 'mine');
  assert.deepEqual(read(), {});
});

test('stop puts everything back', async (t) => {
  const original = cjs.Worker;
  const originalConstructor = original.prototype.constructor;
  const listeners = process.listenerCount('worker');
  const store = createStore({ clock: systemClock, report: rethrow });
  const context = { recorder: store, clock: systemClock, shared: false, report: rethrow };
  const first = workerThreadsMonitor.start(context);
  const second = workerThreadsMonitor.start(context);
  const worker = new Worker(IDLE, options('survivor'));
  t.after(() => worker.terminate());
  await once(worker, 'online');
  const exitListeners = worker.listenerCount('exit');
  first.stop();
  first.stop();
  assert.equal(readStore(store)['loopsight.workers{thread.name=survivor}'], 1);
  second.stop();
  assert.equal(cjs.Worker, original);
  assert.equal(Worker, original);
  assert.equal(original.prototype.constructor, originalConstructor);
  assert.equal(process.listenerCount('worker'), listeners);
  assert.equal(worker.listenerCount('exit'), exitListeners - 2);
  assert.deepEqual(readStore(store), {});
});

test('names beyond the limit are `other`', () => {
  const limit = createNameLimit();
  const names = Array.from({ length: NAME_LIMIT }, (_, index) => `worker-${index}`);
  assert.deepEqual(names.map(limit), names);
  assert.equal(limit('one more'), 'other');
  assert.equal(limit('worker-3'), 'worker-3');
});
