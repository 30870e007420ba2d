// BullMQ against a real Redis: what waits there, what this process adds and runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { queuesMonitor } from '../../../instrumentations/queues/index.js';
import { bullmqLibrary } from '../../../instrumentations/queues/libraries/bullmq.js';
import { BullQueue, waitedMs } from '../../../instrumentations/queues/libraries/bullmq-queue.js';
import { systemClock } from '../../../src/clock.js';
import { createStore } from '../../../src/recorder/store.js';
import { sharedState } from '../../../src/shared-state.js';
import { fromLibraries } from '../../libraries/from-libraries.js';
import { startRedis } from '../../libraries/servers/redis.js';
import { eventually } from '../../support/eventually.js';
import { readStore } from '../../support/read-store.js';

interface Closable {
  close(force?: boolean): Promise<void>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

interface Queue extends Closable {
  add(name: string, data: object, options?: object): Promise<unknown>;
  addBulk(jobs: readonly object[]): Promise<readonly unknown[]>;
}

interface Job {
  readonly name: string;
  /** When it was added, by the clock of the wall. */
  readonly timestamp: number;
}

interface Bull {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (name: string, processor: (job: Job) => unknown, options: object) => Closable;
  readonly DelayedError: new () => Error;
}

type Figures = Readonly<Record<string, number>>;

const COUNT = 100;
const RUN_MS = 50;
const CONCURRENCY = 4;

function gauge(figures: Figures, name: string, queue = 'mail'): number | undefined {
  return figures[`loopsight.queue.${name}{queue.name=${queue},queue.type=bullmq}`];
}

function tasks(figures: Figures, queue = 'mail'): readonly (number | undefined)[] {
  return ['added', 'completed', 'failed', 'dropped'].map(
    (state) => figures[`loopsight.queue.tasks{queue.name=${queue},queue.task.state=${state},queue.type=bullmq}`],
  );
}

test('a pile-up: depth, running, capacity, wait and run; nothing once it is closed', async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  t.after(() => server[Symbol.asyncDispose]());
  const bull = fromLibraries('bullmq') as Bull;
  const connection = { host: server.host, port: server.port };
  const failures: string[] = [];
  const report = (cause: string, error: unknown) => void failures.push(`${cause}: ${String(error)}`);
  const store = createStore({ clock: systemClock, report: (error) => report('collection', error) });
  const monitor = queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report });
  t.after(() => monitor.stop());
  const read = () => readStore(store);

  const { prototype } = bull.Worker as unknown as { readonly prototype: Record<string, unknown> };
  const { prototype: queuePrototype } = bull.Queue as unknown as { readonly prototype: Record<string, unknown> };
  const methods = () => [queuePrototype.addJob, queuePrototype.addBulk, prototype.run, prototype.callProcessJob];
  assert.deepEqual(
    Object.keys(read()).filter((key) => key.includes('bullmq')),
    [],
  );

  const queue = new bull.Queue('mail', { connection });
  const jobs = Array.from({ length: COUNT - 1 }, () => ({ name: 'send', data: {} }));
  await queue.add('send', {});
  await queue.addBulk(jobs);
  await eventually(read, (figures) => gauge(figures, 'depth') === COUNT);
  assert.equal(gauge(read(), 'running'), undefined);
  assert.deepEqual(tasks(read()), [COUNT, 0, 0, 0]);

  const beganMs = performance.now();
  let waitedForS = 0;
  const send = ({ timestamp }: Job) => {
    waitedForS += (Date.now() - timestamp) / 1000;
    return delay(RUN_MS);
  };
  const worker = new bull.Worker('mail', send, { connection, concurrency: CONCURRENCY });
  worker.on('error', () => {});
  await eventually(read, (figures) => gauge(figures, 'running') === CONCURRENCY);
  assert.equal(gauge(read(), 'capacity'), CONCURRENCY);
  const done = await eventually(read, (figures) => tasks(figures)[1] === COUNT);
  const elapsedS = (performance.now() - beganMs) / 1000;
  assert.deepEqual(tasks(done), [COUNT, COUNT, 0, 0]);
  const histogram = (name: string) => [
    done[`loopsight.queue.${name}.duration.count{queue.name=mail,queue.type=bullmq}`] ?? 0,
    done[`loopsight.queue.${name}.duration.sum{queue.name=mail,queue.type=bullmq}`] ?? 0,
  ];
  const [runs = 0, runS = 0] = histogram('run');
  const [waits = 0, waitS = 0] = histogram('wait');
  assert.deepEqual([runs, waits], [COUNT, COUNT]);
  assert.ok(runS >= (COUNT * RUN_MS * 0.98) / 1000 && runS <= elapsedS * CONCURRENCY, `ran ${runS} s in ${elapsedS} s`);
  assert.ok(Math.abs(waitS - waitedForS) < waitedForS * 0.1, `waited ${waitS} s, and in truth ${waitedForS} s`);

  await worker.close();
  await queue.close();
  assert.equal(gauge(read(), 'depth'), undefined);
  assert.deepEqual(
    Object.keys(read()).filter((key) => key.includes('bullmq')),
    [],
  );
  monitor.stop();
  const names = methods().map((method) => (method as { readonly name: string }).name);
  assert.deepEqual(names, ['addJob', 'addBulk', 'run', 'callProcessJob']);
  assert.deepEqual(failures, []);
});

test('jobs that fail, and those that go back to their queue; a worker tells the depth where there is no queue', async (t) => {
  const server = await startRedis(t);
  if (server === undefined) return;
  t.after(() => server[Symbol.asyncDispose]());
  const bull = fromLibraries('bullmq') as Bull;
  const connection = { host: server.host, port: server.port };
  const queue = new bull.Queue('work', { connection });
  await queue.addBulk(['bad', 'back', 'good', 'left', 'left'].map((name) => ({ name, data: {} })));
  await queue.close();

  const store = createStore({ clock: systemClock, report: () => {} });
  const report = () => {};
  const monitor = queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report });
  t.after(() => monitor.stop());
  const read = () => readStore(store);
  let release = () => {};
  let isHeld = () => {};
  const reached = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const worker = new bull.Worker(
    'work',
    async ({ name }) => {
      if (name === 'bad') throw new Error('bad');
      if (name === 'back') throw new bull.DelayedError();
      if (name !== 'left') return;
      isHeld();
      await held;
    },
    { connection },
  );
  worker.on('error', () => {});
  // Redis is asked from the first collection on.
  await reached;
  const figures = await eventually(
    read,
    (now) => gauge(now, 'running', 'work') === 1 && tasks(now, 'work')[1] === 1 && gauge(now, 'depth', 'work') === 1,
  );
  assert.deepEqual(tasks(figures, 'work'), [0, 1, 1, 0]);
  // A monitor that stops while a job runs forgets it; the worker does not notice.
  monitor.stop();
  assert.deepEqual(
    Object.keys(read()).filter((key) => key.includes('bullmq')),
    [],
  );
  release();
  await worker.close();
});

test('every method is put back', () => {
  const bull = fromLibraries('bullmq') as {
    readonly Queue: { prototype: object };
    readonly Worker: { prototype: object };
  };
  const methods = () => [
    ...['addJob', 'addBulk'].map((name) => Reflect.get(bull.Queue.prototype, name)),
    ...['run', 'callProcessJob'].map((name) => Reflect.get(bull.Worker.prototype, name)),
  ];
  const before = methods();
  const { undo } = bullmqLibrary.patch(bull);
  for (const [index, method] of methods().entries()) {
    assert.notEqual(method, before[index]);
    assert.equal(method.name, before[index].name);
    assert.equal(method.length, before[index].length);
  }
  undo();
  assert.deepEqual(methods(), before);
});

test('a job waited since it was due; one that ran before has no wait', () => {
  const nowMs = 100_000;
  assert.equal(waitedMs({ timestamp: 90_000 }, nowMs), 10_000);
  assert.equal(
    waitedMs({ timestamp: 90_000, opts: { delay: 4000 }, attemptsMade: 0, attemptsStarted: 1 }, nowMs),
    6000,
  );
  // The clock of who added it is ahead.
  assert.equal(waitedMs({ timestamp: 100_500 }, nowMs), 0);
  assert.ok(Number.isNaN(waitedMs({ timestamp: 90_000, attemptsMade: 1 }, nowMs)));
  assert.ok(Number.isNaN(waitedMs({ timestamp: 90_000, attemptsStarted: 2 }, nowMs)));
  assert.ok(Number.isNaN(waitedMs({ timestamp: 90_000, stalledCounter: 1 }, nowMs)));
  assert.ok(Number.isNaN(waitedMs({}, nowMs)));
});

test('Redis that does not answer is asked once, and what is not known is not shown', async (t) => {
  let asked = 0;
  let answer = (_counts: readonly number[]) => {};
  const failures: string[] = [];
  const queue = new BullQueue('q', { clock: systemClock, asks: true, onGone: () => {} });
  t.after(() => queue.end());
  queue.join({
    name: 'q',
    backend: {
      getCounts: () => {
        asked++;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    },
  });
  const depth = () => queue.read((cause) => void failures.push(cause))?.depth;
  assert.ok(Number.isNaN(depth()));
  assert.ok(Number.isNaN(depth()));
  assert.equal(asked, 1);
  answer([3, 4]);
  await eventually(depth, (now) => now === 7);
  assert.equal(asked, 1);
  assert.ok(sharedState().queues.has(queue));
  queue.end();
  queue.end();
  assert.equal(sharedState().queues.has(queue), false);
  assert.deepEqual(failures, []);
});
