// Queues that are found by themselves: their figures, their names, and what the application says of them.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createFoundQueue, foundQueue, knownQueue } from '../../instrumentations/queues/found-queue.js';
import { monitorQueue, queuesMonitor } from '../../instrumentations/queues/index.js';
import { NAME_LIMIT } from '../../instrumentations/queues/queue-group.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

const started: { stop(): void }[] = [];
afterEach(() => {
  for (const one of started.splice(0).reverse()) one.stop();
});

function record(): () => Readonly<Record<string, number>> {
  const store = createStore({ clock: systemClock, report: rethrow });
  started.push(queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report: rethrow }));
  return () => {
    const read = readStore(store);
    const short = Object.entries(read).map(([key, value]) => [
      key.replaceAll(/loopsight\.queue\.|queue\.(?=name|type|task)/g, ''),
      value,
    ]);
    return Object.fromEntries(short);
  };
}

const movedClock = () => {
  let nowMs = 1000;
  return { monotonicMs: () => nowMs, unixMs: () => nowMs, advance: (ms: number) => (nowMs += ms) };
};

function found(queue: object, options: Parameters<typeof foundQueue>[1], clock = movedClock()) {
  const one = createFoundQueue(queue, options, clock);
  started.push(one);
  return one;
}

test('tasks are counted and timed, and the queue tells what it knows itself', () => {
  const read = record();
  const clock = movedClock();
  const queue = { waiting: 7 };
  const one = found(queue, { type: 'x', name: 'mail', depth: () => queue.waiting, capacity: () => 4 }, clock);
  const [first, second, third] = [one.added(), one.added(), one.added()];
  clock.advance(100);
  first.started();
  clock.advance(50);
  first.finished();
  second.started();
  second.failed();
  third.dropped();
  third.started();
  const figures = read();
  const of = (name: string, state?: string) =>
    figures[`${name}{name=mail,${state === undefined ? '' : `task.state=${state},`}type=x}`];
  assert.deepEqual(
    [
      of('depth'),
      of('running'),
      of('capacity'),
      of('wait.duration.count'),
      of('wait.duration.sum'),
      of('run.duration.sum'),
    ],
    [7, 0, 4, 2, 0.25, 0.05],
  );
  assert.deepEqual(
    ['added', 'completed', 'failed', 'dropped'].map((state) => of('tasks', state)),
    [3, 1, 1, 1],
  );
});

test('the same queue gives the same object, and queues of one name add up', () => {
  const read = record();
  const [one, other] = [{}, {}];
  const options = { type: 'x', name: 'mail', capacity: () => 2 };
  assert.equal(found(one, options), foundQueue(one, options));
  assert.equal(knownQueue(other), undefined);
  foundQueue(one, options).added();
  found(other, options).added().started();
  const figures = read();
  assert.deepEqual(
    ['depth', 'running', 'capacity'].map((name) => figures[`${name}{name=mail,type=x}`]),
    [1, 1, 4],
  );
});

test('a queue without a name has that of the place that created it', () => {
  const read = record();
  const create = () => found({}, { type: 'x' });
  for (let i = 0; i < 3; i++) create();
  found({}, { type: 'x' });
  const names = Object.keys(read()).flatMap((key) => /^depth\{name=([^,]+)/.exec(key)?.[1] ?? []);
  assert.equal(names.length, 1, 'both are created by the same line of this file');
  assert.match(names[0] ?? '', /^test\/queues\/found-queue\.test\.ts$/);
});

test('a queue that says nothing but throws is told of once, and its own count is taken', () => {
  const reports: string[] = [];
  const store = createStore({ clock: systemClock, report: rethrow });
  const report = (_cause: string, error: unknown) => reports.push((error as Error).message);
  started.push(queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report }));
  const depth = () => {
    throw new Error('gone');
  };
  found({}, { type: 'x', name: 'mail', depth }).added();
  readStore(store);
  assert.equal(readStore(store)['loopsight.queue.depth{queue.name=mail,queue.type=x}'], 1);
  assert.deepEqual(reports, ['gone']);
});

test('monitorQueue names it: one series, with what both know', () => {
  const read = record();
  const queue = { size: 5 };
  const one = found(queue, { type: 'x', name: 'src/mail.ts', depth: () => 5 });
  one.added();
  const monitor = monitorQueue(queue, { name: 'mail', type: 'x' });
  one.added().started();
  const during = read();
  assert.deepEqual(
    Object.keys(during).filter((key) => key.startsWith('depth')),
    ['depth{name=mail,type=x}'],
  );
  assert.equal(during['depth{name=mail,type=x}'], 5);
  assert.equal(during['wait.duration.count{name=mail,type=x}'], 1);
  monitor.stop();
  assert.deepEqual(
    Object.keys(read()).filter((key) => key.startsWith('depth')),
    ['depth{name=src/mail.ts,type=x}'],
  );
});

test('a queue that was monitored before it is found goes by that name', () => {
  const read = record();
  const queue = { size: 5 };
  started.push(monitorQueue(queue, { name: 'mail', type: 'x' }));
  found(queue, { type: 'x', name: 'src/mail.ts' }).added().started();
  const figures = read();
  assert.equal(figures['depth{name=mail,type=x}'], 5);
  assert.equal(figures['wait.duration.count{name=mail,type=x}'], 1);
  assert.equal(figures['depth{name=src/mail.ts,type=x}'], undefined);
});

test('names are bounded', () => {
  const read = record();
  for (let i = 0; i < NAME_LIMIT + 5; i++) found({}, { type: 'x', name: `queue ${i}` }).added();
  const depths = Object.entries(read()).filter(([key]) => key.startsWith('depth'));
  assert.equal(depths.length, NAME_LIMIT + 1);
  assert.equal(Object.fromEntries(depths)['depth{name=other,type=x}'], 5);
});

test('what was taken out waits no more', () => {
  const read = record();
  const one = found({}, { type: 'x', name: 'mail' });
  const tasks = [one.added(), one.added()];
  one.emptied();
  for (const task of tasks) task.started();
  const figures = read();
  assert.deepEqual(
    [
      figures['depth{name=mail,type=x}'],
      figures['running{name=mail,type=x}'],
      figures['tasks{name=mail,task.state=dropped,type=x}'],
    ],
    [0, 0, 2],
  );
});

test('a stopped queue leaves, and its tasks go on', () => {
  const read = record();
  const one = found({}, { type: 'x', name: 'mail' });
  const task = one.added();
  one.stop();
  one.stop();
  task.started();
  task.finished();
  one.rename('other');
  assert.deepEqual(read(), {});
});
