import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { monitorQueue, queuesMonitor } from '../../instrumentations/queues/index.js';
import type { MonitorQueueOptions } from '../../instrumentations/queues/monitor-queue.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

function setUp(t: TestContext) {
  const reports: string[] = [];
  const report = (cause: string, error: unknown) => void reports.push(`${cause}: ${(error as Error).message}`);
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = queuesMonitor.start({ recorder: store, clock: systemClock, shared: false, report });
  t.after(() => monitor.stop());
  return {
    reports,
    values: () => readStore(store),
    read(type: string) {
      const values = readStore(store);
      const gauge = (name: string) => values[`loopsight.queue.${name}{queue.name=q,queue.type=${type}}`];
      return ['depth', 'running', 'capacity', 'oldest_age'].map(gauge);
    },
    watch<Q extends object>(queue: Q, options?: Omit<MonitorQueueOptions<Q>, 'name'>) {
      const handle = monitorQueue(queue, { name: 'q', ...options });
      t.after(() => handle.stop());
      return handle;
    },
  };
}

const none = undefined;
const add = () => {};
const limiter = Object.assign(() => {}, { pendingCount: 3, activeCount: 2, concurrency: 4 });
class PrivateQueue {
  #tasks = [1, 2];
  get size(): number {
    return this.#tasks.length;
  }
  active(): number {
    return 1;
  }
}

const shapes: readonly [string, object, readonly (number | undefined)[]][] = [
  ['array', [1, 2, 3], [3, none, none, none]],
  ['map', new Map([[1, 1]]), [1, none, none, none]],
  ['set', new Set([1, 2]), [2, none, none, none]],
  ['p-queue', { size: 5, pending: 2, concurrency: 4, add }, [5, 2, 4, none]],
  ['p-queue', { size: 5, pending: 2, concurrency: Number.POSITIVE_INFINITY, add }, [5, 2, none, none]],
  ['p-limit', limiter, [3, 2, 4, none]],
  ['fastq', { length: () => 6, running: () => 1, concurrency: 2 }, [6, 1, 2, none]],
  ['async', { length: () => 6, running: () => 1, concurrency: 2, workersList: () => [] }, [6, 1, 2, none]],
  [
    'piscina',
    { queueSize: 9, threads: [], completed: 3, options: { maxThreads: 4, concurrentTasksPerWorker: 2 } },
    [9, none, 8, none],
  ],
  [
    'tinypool',
    {
      queueSize: 9,
      threads: [],
      completed: 3,
      recycleWorkers: add,
      options: { maxThreads: 4, concurrentTasksPerWorker: 2 },
    },
    [9, none, 8, none],
  ],
  ['workerpool', { stats: () => ({ pendingTasks: 7, activeTasks: 3 }), exec: add, maxWorkers: 4 }, [7, 3, 4, none]],
  [
    'poolifier',
    {
      info: { queuedTasks: 5, executingTasks: 4, maxSize: 2 },
      execute: add,
      workerNodes: [],
      opts: { enableTasksQueue: true, tasksQueueOptions: { concurrency: 3 } },
    },
    [5, 4, 6, none],
  ],
  ['poolifier', { info: { executingTasks: 4, maxSize: 2 }, execute: add, workerNodes: [], opts: {} }, [0, 4, 2, none]],
  [
    'bottleneck',
    { schedule: add, counts: () => ({ RECEIVED: 1, QUEUED: 2, RUNNING: 3, EXECUTING: 4 }) },
    [6, 4, none, none],
  ],
  ['generic-pool', { size: 10, pending: 1, borrowed: 9, max: 10 }, [1, 9, 10, none]],
  ['custom', { waiting: 2, running: 1, concurrency: 3 }, [2, 1, 3, none]],
  ['custom', { length: 8 }, [8, none, none, none]],
  ['custom', new PrivateQueue(), [2, 1, none, none]],
];
for (const [type, queue, expected] of shapes) {
  test(`recognises ${type} (${Object.keys(queue).join(', ')})`, (t) => {
    const { watch, read } = setUp(t);
    watch(queue);
    assert.deepEqual(read(type), expected);
  });
}

test('functions of the options win and are given the queue', (t) => {
  const { watch, read } = setUp(t);
  const jobs = { list: [1, 2], busy: 1 };
  watch(jobs, {
    type: 'jobs',
    depth: ({ list }) => list.length,
    running: ({ busy }) => busy,
    capacity: () => 5,
    oldestAgeMs: () => 1500,
  });
  assert.deepEqual(read('jobs'), [2, 1, 5, 1.5]);
  jobs.list.push(3);
  assert.deepEqual(read('jobs'), [3, 1, 5, 1.5]);
});

test('stop takes the queue out, twice is harmless', (t) => {
  const { watch, values } = setUp(t);
  const handle = watch([1]);
  assert.equal(Object.keys(values()).length, 1);
  handle.stop();
  handle.stop();
  assert.deepEqual(values(), {});
});

test('queues of one name add up; a sum with an unknown part is unknown', (t) => {
  const { watch, read } = setUp(t);
  watch({ waiting: 2, running: 1, concurrency: 3 }, { oldestAgeMs: () => 1000 });
  watch({ waiting: 3, running: 2, concurrency: 4 }, { oldestAgeMs: () => 500 });
  assert.deepEqual(read('custom'), [5, 3, 7, 1]);
  watch({ waiting: 1 });
  assert.deepEqual(read('custom'), [6, none, none, 1]);
});

test('a queue that fails later is left out, told once, and comes back', (t) => {
  const { watch, read, reports } = setUp(t);
  let depth: unknown = 1;
  watch({
    get size() {
      if (depth === 'throw') throw new Error('closed');
      return depth as number;
    },
  });
  assert.deepEqual(read('custom')[0], 1);
  depth = 'throw';
  assert.deepEqual([read('custom')[0], read('custom')[0]], [none, none]);
  assert.deepEqual(reports, ['a monitored queue could not be read: queue "q": closed']);
  depth = 2;
  assert.deepEqual(read('custom')[0], 2);
  depth = Promise.resolve(3);
  assert.deepEqual(read('custom')[0], none);
  assert.deepEqual(reports.slice(1), ['a monitored queue could not be read: queue "q": its depth is no number']);
});

const wrong: readonly [string, unknown, unknown, RegExp][] = [
  ['no object', 7, { name: 'q' }, /`queue`.*got `7` \(number\)/],
  ['null', null, { name: 'q' }, /`queue`.*got `null`/],
  ['an object that tells nothing', {}, { name: 'q' }, /`queue`.*tells its depth.*got an object/],
  ['a function', (_a: unknown, _b: unknown) => {}, { name: 'q' }, /`queue`.*got/],
  ['a depth that is a promise', { size: async () => 1 }, { name: 'q' }, /`queue`.*got an object/],
  [
    'a getter that throws',
    {
      get size() {
        throw new Error('no');
      },
    },
    { name: 'q' },
    /`queue`.*got an object/,
  ],
  ['a depth function that tells nothing', {}, { name: 'q', depth: () => 'many' }, /`depth`.*>= 0.*got "many"/],
  [
    'a depth function that throws',
    {},
    {
      name: 'q',
      depth: () => {
        throw new Error('no');
      },
    },
    /`depth`.*>= 0.*threw/,
  ],
  ['a negative depth', { size: -1 }, { name: 'q' }, /`depth`.*>= 0.*got `-1`/],
  ['no options', [], undefined, /`options`.*got `undefined`/],
  ['no name', [], {}, /`name`.*got `undefined`/],
  ['an empty name', [], { name: '' }, /`name`.*got "" \(string\)/],
  ['an empty type', [], { name: 'q', type: '' }, /`type`.*got ""/],
  ['a capacity that is no function', [], { name: 'q', capacity: 4 }, /`capacity`.*a function.*got `4`/],
  ['an unknown option', [], { name: 'q', size: 4 }, /`options`.*got "size"/],
];
for (const [what, queue, options, message] of wrong) {
  test(`${what} is a TypeError`, () => {
    assert.throws(() => monitorQueue(queue as object, options as MonitorQueueOptions), { name: 'TypeError', message });
  });
}
