import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { queuesMonitor } from '../../instrumentations/queues/index.js';
import {
  createQueueMonitor,
  type QueueMonitor,
  type QueueMonitorOptions,
  queueMonitor,
} from '../../instrumentations/queues/queue-monitor.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

function setUp(t: TestContext, options: string | QueueMonitorOptions = 'mail', { started = true } = {}) {
  let nowMs = 1000;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
  const store = createStore({ clock, report: rethrow });
  const start = () => {
    const monitor = queuesMonitor.start({ recorder: store, clock, shared: false, report: rethrow });
    t.after(() => monitor.stop());
    return monitor;
  };
  if (started) start();
  const queue = createQueueMonitor(options, clock);
  t.after(() => queue.stop());
  const read = () => {
    const values = readStore(store);
    const seriesOf = (name: string) => values[`loopsight.queue.${name}{queue.name=mail,queue.type=custom}`];
    const countOf = (state: string) =>
      values[`loopsight.queue.tasks{queue.name=mail,queue.task.state=${state},queue.type=custom}`];
    return {
      depth: seriesOf('depth'),
      running: seriesOf('running'),
      oldestAge: seriesOf('oldest_age'),
      waits: seriesOf('wait.duration.count'),
      waited: seriesOf('wait.duration.sum'),
      runs: seriesOf('run.duration.count'),
      ran: seriesOf('run.duration.sum'),
      tasks: ['added', 'completed', 'failed', 'dropped'].map(countOf),
    };
  };
  return { queue, clock, store, start, read, values: () => readStore(store), pass };
}

test('plain calls take tasks in the order in which they came', (t) => {
  const { queue, read, pass } = setUp(t);
  queue.added();
  pass(1000);
  queue.added();
  pass(1000);
  assert.deepEqual(read(), {
    depth: 2,
    running: 0,
    oldestAge: 2,
    waits: 0,
    waited: 0,
    runs: 0,
    ran: 0,
    tasks: [2, 0, 0, 0],
  });
  queue.started();
  pass(500);
  assert.deepEqual(read(), {
    depth: 1,
    running: 1,
    oldestAge: 1.5,
    waits: 1,
    waited: 2,
    runs: 0,
    ran: 0,
    tasks: [2, 0, 0, 0],
  });
  queue.finished();
  queue.started();
  pass(250);
  queue.failed();
  queue.added();
  queue.dropped();
  assert.deepEqual(read(), {
    depth: 0,
    running: 0,
    oldestAge: 0,
    waits: 2,
    waited: 3.5,
    runs: 2,
    ran: 0.75,
    tasks: [3, 1, 1, 1],
  });
});

test('tasks have exact times in any order', (t) => {
  const { queue, read, pass } = setUp(t);
  const first = queue.added();
  pass(1000);
  const second = queue.added();
  pass(1000);
  second.started();
  assert.deepEqual([read().waited, read().oldestAge], [1, 2]);
  pass(3000);
  first.started();
  pass(1000);
  second.finished();
  assert.deepEqual([read().ran, read().running], [4, 1]);
  first.failed();
  queue.added().dropped();
  assert.deepEqual(read(), {
    depth: 0,
    running: 0,
    oldestAge: 0,
    waits: 2,
    waited: 6,
    runs: 2,
    ran: 5,
    tasks: [3, 1, 1, 1],
  });
});

test('a task ends once, whatever is called', (t) => {
  const { queue, read } = setUp(t);
  const task = queue.added();
  for (const call of [
    'started',
    'started',
    'dropped',
    'finished',
    'finished',
    'failed',
    'started',
    'dropped',
  ] as const) {
    task[call]();
  }
  const { depth, running, waits, runs, tasks } = read();
  assert.deepEqual(
    { depth, running, waits, runs, tasks },
    {
      depth: 0,
      running: 0,
      waits: 1,
      runs: 1,
      tasks: [1, 1, 0, 0],
    },
  );
});

const misuse: readonly [string, (queue: QueueMonitor) => void, { depth: number; running: number }][] = [
  ['finished without started or added', (queue) => queue.finished(), { depth: 0, running: 0 }],
  [
    'finished without started',
    (queue) => {
      queue.added();
      queue.finished();
    },
    { depth: 0, running: 0 },
  ],
  ['started without added', (queue) => queue.started(), { depth: 0, running: 1 }],
  ['dropped without added', (queue) => queue.dropped(), { depth: 0, running: 0 }],
  ['a task that finishes without started', (queue) => queue.added().finished(), { depth: 0, running: 0 }],
  [
    'a task that the queue itself started',
    (queue) => {
      const task = queue.added();
      queue.started();
      task.finished();
    },
    { depth: 0, running: 0 },
  ],
  [
    'a task that the queue itself finished',
    (queue) => {
      const task = queue.added();
      task.started();
      queue.finished();
      task.finished();
      task.failed();
    },
    { depth: 0, running: 0 },
  ],
  [
    'calls after stop',
    (queue) => {
      const task = queue.added();
      queue.stop();
      queue.stop();
      task.started();
      task.finished();
      queue.added();
      queue.started();
      queue.finished();
    },
    { depth: Number.NaN, running: Number.NaN },
  ],
];
for (const [what, use, expected] of misuse) {
  test(`never negative, never a throw: ${what}`, (t) => {
    const { queue, read } = setUp(t);
    use(queue);
    const { depth = Number.NaN, running = Number.NaN } = read();
    assert.deepEqual({ depth, running }, expected);
  });
}

test('methods work apart from the monitor', (t) => {
  const {
    queue: { added, started, finished },
    read,
  } = setUp(t);
  added();
  started();
  finished();
  assert.deepEqual(read().tasks, [1, 1, 0, 0]);
});

test('a queue from before the start records from then on, with the waits of what was in it', (t) => {
  const { queue, start, read, pass } = setUp(t, 'mail', { started: false });
  queue.added();
  pass(3000);
  const monitor = start();
  assert.deepEqual([read().depth, read().oldestAge, read().tasks], [1, 3, [0, 0, 0, 0]]);
  queue.started();
  queue.finished();
  assert.deepEqual([read().waited, read().tasks], [3, [0, 1, 0, 0]]);
  monitor.stop();
  queue.added();
  assert.deepEqual(
    Object.values(read())
      .flat()
      .filter((value) => value !== undefined),
    [],
  );
});

test('every recorder gets every task', (t) => {
  const { queue, clock, values } = setUp(t);
  const other = createStore({ clock, report: rethrow });
  const monitor = queuesMonitor.start({ recorder: other, clock, shared: true, report: rethrow });
  queue.added();
  assert.deepEqual(readStore(other), values());
  assert.ok(Object.keys(values()).length > 0);
  monitor.stop();
  assert.deepEqual(readStore(other), {});
  assert.ok(Object.keys(values()).length > 0);
});

test('queues of one name add up; of ages the highest counts', (t) => {
  const { queue, clock, values, pass } = setUp(t, { name: 'jobs', type: 'shard', capacity: 2 });
  queue.added();
  pass(2000);
  const second = createQueueMonitor({ name: 'jobs', type: 'shard', capacity: 3 }, clock);
  second.added();
  second.added();
  second.started();
  const gauge = (name: string) => values()[`loopsight.queue.${name}{queue.name=jobs,queue.type=shard}`];
  assert.deepEqual(['depth', 'running', 'capacity', 'oldest_age'].map(gauge), [2, 1, 5, 2]);
  second.stop();
  assert.deepEqual(['depth', 'running', 'capacity', 'oldest_age'].map(gauge), [1, 0, 2, 2]);
});

test('a queue without a capacity has no series for it', (t) => {
  const { values } = setUp(t, { name: 'mail', capacity: Number.POSITIVE_INFINITY });
  assert.equal(
    Object.keys(values()).some((key) => key.includes('capacity')),
    false,
  );
});

const wrong: readonly [unknown, RegExp][] = [
  ['', /`name`.*got "" \(string\)/],
  [undefined, /`name`.*got `undefined`/],
  [7, /`name`.*got `7`/],
  [null, /`name`.*got `null`/],
  [{}, /`name`.*got `undefined`/],
  [{ name: 'q', type: '' }, /`type`.*got ""/],
  [{ name: 'q', capacity: -1 }, /`capacity`.*got `-1`/],
  [{ name: 'q', capacity: Number.NaN }, /`capacity`.*got `NaN`/],
  [{ name: 'q', capacity: 1.5 }, /`capacity`.*got `1.5`/],
  [{ name: 'q', capacity: '4' }, /`capacity`.*got "4"/],
];
for (const [options, message] of wrong) {
  test(`queueMonitor(${JSON.stringify(options) ?? 'undefined'}) is a TypeError`, () => {
    assert.throws(() => queueMonitor(options as string), { name: 'TypeError', message });
  });
}
