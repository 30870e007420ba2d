// The worker pools of piscina, tinypool, workerpool and poolifier, as their own current versions behave.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { knownQueue } from '../../../instrumentations/queues/found-queue.js';
import { piscinaLibrary } from '../../../instrumentations/queues/libraries/piscina.js';
import { poolifierLibrary } from '../../../instrumentations/queues/libraries/poolifier.js';
import { tinypoolLibrary } from '../../../instrumentations/queues/libraries/tinypool.js';
import { workerpoolLibrary } from '../../../instrumentations/queues/libraries/workerpool.js';
import { monitorQueue } from '../../../instrumentations/queues/monitor-queue.js';
import { QUEUE_SINKS } from '../../../instrumentations/queues/queue-series.js';
import { workerThreadsMonitor } from '../../../instrumentations/worker-threads/index.js';
import { systemClock } from '../../../src/clock.js';
import type { Library } from '../../../src/loading/library.js';
import { createStore } from '../../../src/recorder/store.js';
import { addSink, sharedState } from '../../../src/shared-state.js';
import { fromLibraries } from '../../libraries/from-libraries.js';
import { root } from '../../support/instrumented.js';
import { readStore } from '../../support/read-store.js';

const WORKERS = 2;
const LOST_MS = 1500;
const libraries = join(root, 'test/libraries');
const heldWorker = join(libraries, 'programs/held-worker.cjs');

type Loose = Readonly<Record<string, unknown>>;

interface WorkerpoolModule {
  pool(
    file: string,
    options: object,
  ): {
    exec(method: string, params: unknown[]): PromiseLike<unknown> & { cancel(): unknown };
    terminate(force: boolean): unknown;
  };
}

/** A pool of two workers, whichever library it is of. */
interface TestPool {
  readonly pool: object;
  /** Begins a task that holds a worker for so long, or until a gate is open. */
  run(hold: number | string | SharedArrayBuffer, signal?: AbortSignal): PromiseLike<unknown>;
  destroy(): unknown;
}

interface Case {
  readonly name: string;
  readonly library: Library;
  load(): Promise<unknown>;
  create(exports: Loose, options?: object): TestPool;
  /** Objects whose own properties must be what they were, after a pool was used and the patch undone. */
  touched(exports: Loose, pool: object): readonly object[];
}

const loadEsm = (path: string) => import(pathToFileURL(join(libraries, 'node_modules', path)).href);

function threadPool(Pool: unknown, options: object): TestPool {
  const Class = Pool as new (
    options: object,
  ) => {
    run(task: unknown, options?: object): Promise<unknown>;
    destroy(): Promise<void>;
  };
  const pool = new Class({ filename: heldWorker, minThreads: WORKERS, maxThreads: WORKERS, ...options });
  return {
    pool,
    run: (hold, signal) => pool.run(hold, ...(signal === undefined ? [] : [{ signal }])),
    destroy: () => pool.destroy(),
  };
}

function poolifierPool(exports: Loose): TestPool {
  const Class = exports.FixedThreadPool as new (
    ...args: unknown[]
  ) => {
    readonly workerNodes: readonly { readonly worker: Worker }[];
    execute(data: object, name?: string, signal?: AbortSignal): Promise<unknown>;
    destroy(): Promise<void>;
  };
  const env = { ...process.env, HELD_LIBRARY: 'poolifier' };
  const pool = new Class(WORKERS, heldWorker, {
    enableTasksQueue: true,
    tasksQueueOptions: { concurrency: 1, taskStealing: true },
    workerOptions: { env },
  });
  return {
    pool,
    run: (hold, signal) => pool.execute({ holdMs: hold }, undefined, signal),
    // A worker's answer to its end may get lost, and the pool then waits for ever.
    async destroy() {
      const ended = pool.destroy();
      let timer: NodeJS.Timeout | undefined;
      const lost = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LOST_MS);
      });
      await Promise.race([ended, lost]);
      clearTimeout(timer);
      await Promise.all(pool.workerNodes.map(({ worker }) => worker.terminate()));
    },
  };
}

const CASES: readonly Case[] = [
  {
    name: 'piscina',
    library: piscinaLibrary,
    load: async () => fromLibraries('piscina'),
    create: (exports, options = {}) => threadPool(exports.Piscina, options),
    touched: (exports) => [exports.Piscina as object, (exports.Piscina as { prototype: object }).prototype],
  },
  {
    name: 'tinypool',
    library: tinypoolLibrary,
    load: () => loadEsm('tinypool/dist/index.js'),
    create: (exports, options = {}) => threadPool(exports.Tinypool, options),
    touched: (exports) => [exports.Tinypool as object, (exports.Tinypool as { prototype: object }).prototype],
  },
  {
    name: 'workerpool',
    library: workerpoolLibrary,
    load: async () => fromLibraries('workerpool/src/Pool.js'),
    create(_exports, options = {}) {
      const env = { ...process.env, HELD_LIBRARY: 'workerpool' };
      const { pool: createPool } = fromLibraries('workerpool') as WorkerpoolModule;
      const pool = createPool(heldWorker, {
        minWorkers: WORKERS,
        maxWorkers: WORKERS,
        workerType: 'thread',
        workerThreadOpts: { env },
        ...options,
      });
      return {
        pool,
        run(hold, signal) {
          const promise = pool.exec('hold', [hold]);
          signal?.addEventListener('abort', () => void promise.cancel());
          return promise;
        },
        destroy: () => pool.terminate(true),
      };
    },
    touched: (exports, pool) => [
      (exports as unknown as { prototype: object }).prototype,
      Object.getPrototypeOf((pool as { workers: object[] }).workers[0]),
    ],
  },
  ...['required', 'imported'].map(
    (how): Case => ({
      name: `poolifier, ${how}`,
      library: poolifierLibrary,
      load: async () => (how === 'required' ? fromLibraries('poolifier') : loadEsm('poolifier/lib/index.mjs')),
      create: poolifierPool,
      touched: (exports, pool) => [
        Object.getPrototypeOf((exports.FixedThreadPool as { prototype: object }).prototype),
        (exports.FixedThreadPool as { prototype: object }).prototype,
        (exports.FixedClusterPool as { prototype: object }).prototype,
        Object.getPrototypeOf((pool as { workerNodes: object[] }).workerNodes[0]),
      ],
    }),
  ),
];

/** Finds pools of one library for the length of a test; what a pool shows is read under the name that it is given. */
async function watch(t: TestContext, { library, load }: Case) {
  const errors: unknown[] = [];
  const report = (_cause: string, error: unknown) => void errors.push(error);
  const store = createStore({ clock: systemClock, report: (error) => void errors.push(error) });
  const context = { recorder: store, clock: systemClock, shared: false, report };
  const monitor = workerThreadsMonitor.start(context);
  // Not the monitor of queues: it would find the libraries itself.
  const removeSink = addSink(QUEUE_SINKS, store);
  const exports = (await load()) as Loose;
  const patch = library.patch(exports);
  let stopped = false;
  const stop = () => {
    if (!stopped) patch.undo();
    stopped = true;
  };
  t.after(() => {
    stop();
    monitor.stop();
    removeSink();
    assert.deepEqual(errors, []);
  });
  const type = library.name;
  return {
    exports,
    stop,
    read(name: string) {
      const values = readStore(store);
      const of = (metric: string, more = '') =>
        values[`loopsight.queue.${metric}{queue.name=${name}${more},queue.type=${type}}`];
      const tasks = (state: string) => of('tasks', `,queue.task.state=${state}`);
      const source = [...sharedState().queues].find((queue) => queue.name === name && queue.type === type);
      const { depth, running, capacity } = source?.read(report) ?? {};
      return {
        depth,
        running,
        capacity,
        waits: of('wait.duration.count'),
        waited: of('wait.duration.sum'),
        runs: of('run.duration.count'),
        ran: of('run.duration.sum'),
        tasks: [tasks('added'), tasks('completed'), tasks('failed'), tasks('dropped')],
        workers: values[`loopsight.workers{thread.name=${name}}`],
      };
    },
  };
}

/** What holds workers for as long as the test wants, however slow the machine is; it is opened after the test in any case. */
function closedGate(t: TestContext): { readonly gate: SharedArrayBuffer; open(): void } {
  const gate = new SharedArrayBuffer(4);
  const open = () => Atomics.store(new Int32Array(gate), 0, 1);
  t.after(open);
  return { gate, open };
}

async function settled(tasks: readonly PromiseLike<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(tasks)).map(({ status }) => status);
}

for (const one of CASES) {
  test(`${one.name}: what waits, runs, completes, fails and is called off`, async (t) => {
    const { exports, read } = await watch(t, one);
    const { pool, run, destroy } = one.create(exports);
    t.after(destroy);
    const name = `${one.name} everything`.replaceAll(',', '');
    knownQueue(pool)?.rename(name);
    // Every library takes a moment to see that its workers are there; then each has one task.
    await Promise.all([run(1), run(1), run(1), run(1)]);
    assert.deepEqual(read(name).tasks, [4, 4, 0, 0]);

    const call = new AbortController();
    const { gate, open } = closedGate(t);
    const held = [run(gate), run(gate), run(gate), run(gate)];
    const off = run(gate, call.signal);
    off.then(undefined, () => {});
    await setImmediate();
    const during = read(name);
    assert.equal(during.capacity, WORKERS);
    assert.equal((during.running ?? 0) + (during.depth ?? 0), 5);
    assert.ok((during.running ?? 9) <= WORKERS && (during.running ?? 0) >= 1, `${during.running} run`);
    call.abort();
    assert.deepEqual(await settled([off]), ['rejected']);
    assert.equal(read(name).tasks[3], 1, 'the one that was called off never ran');
    await sleep(150);
    open();
    assert.deepEqual(await settled(held), Array(4).fill('fulfilled'));
    assert.deepEqual(await settled([run('nonsense')]), ['rejected']);

    const after = read(name);
    assert.deepEqual([after.depth, after.running], [0, 0]);
    assert.deepEqual(after.tasks, [10, 8, 1, 1]);
    assert.deepEqual([after.waits, after.runs], [9, 9]);
    assert.ok((after.ran ?? 0) >= (during.running ?? 9) * 0.145, `${during.running} ran for 150 ms: ${after.ran} s`);
    assert.ok((after.waited ?? 0) >= 0.29, `two waited for 150 ms: ${after.waited} s`);
  });

  test(`${one.name}: tasks of a pool that is destroyed have ended`, async (t) => {
    const { exports, read } = await watch(t, one);
    const { pool, run, destroy } = one.create(exports);
    const name = `${one.name} destroyed`.replaceAll(',', '');
    knownQueue(pool)?.rename(name);
    await run(1);
    // poolifier leaves those that wait unanswered for ever; what it has sent, it waits for.
    const isPatient = one.name.startsWith('poolifier');
    const tasks = Array.from({ length: isPatient ? 2 : 5 }, () => run(isPatient ? 20 : 5000));
    const end = settled(tasks);
    if (isPatient) await end;
    await destroy();
    await end;
    const { depth, running, tasks: states } = read(name);
    assert.deepEqual([depth, running], [0, 0], JSON.stringify(states));
  });

  test(`${one.name}: undone, it is what it was, and pools go on`, async (t) => {
    const { exports, stop, read } = await watch(t, one);
    stop();
    const first = one.create(exports);
    await first.run(1);
    const before = one.touched(exports, first.pool).map((object) => properties(object));
    await first.destroy();

    // Twice, as for a class that several modules of its package export.
    const again = one.library.patch(exports);
    const patch = one.library.patch(exports);
    again.undo();
    again.undo();
    const { pool, run, destroy } = one.create(exports);
    t.after(destroy);
    const name = `${one.name} undone`.replaceAll(',', '');
    knownQueue(pool)?.rename(name);
    await run(1);
    assert.notDeepEqual(
      one.touched(exports, pool).map((object) => properties(object)),
      before,
    );
    patch.undo();
    assert.deepEqual(
      one.touched(exports, pool).map((object) => properties(object)),
      before,
    );
    const counted = read(name).tasks;
    assert.equal(await run(2), 2);
    assert.deepEqual(read(name).tasks, counted);
  });
}

for (const one of CASES) {
  test(`${one.name}: what ended while nobody looked on is not there when somebody does again`, async (t) => {
    const { exports, stop, read } = await watch(t, one);
    const { pool, run, destroy } = one.create(exports);
    t.after(destroy);
    const name = `${one.name} again`.replaceAll(',', '');
    knownQueue(pool)?.rename(name);
    await Promise.all([run(1), run(1)]);
    const held = [run(60), run(60), run(60)];
    await setImmediate();
    stop();
    assert.deepEqual(await settled(held), Array(3).fill('fulfilled'));
    const { undo } = one.library.patch(exports);
    t.after(undo);
    assert.deepEqual([read(name).depth, read(name).running], [0, 0]);
    const before = read(name).tasks;
    await run(1);
    const { depth, running, tasks } = read(name);
    assert.deepEqual([depth, running], [0, 0]);
    assert.deepEqual(
      tasks.map((count, index) => (count ?? 0) - (before[index] ?? 0)),
      [1, 1, 0, 0],
    );
  });

  test(`${one.name}: monitorQueue gives it a name, and it tells all that it did before`, async (t) => {
    const { exports, read } = await watch(t, one);
    const { pool, run, destroy } = one.create(exports);
    t.after(destroy);
    const name = `${one.name} monitored`.replaceAll(',', '');
    const { stop } = monitorQueue(pool, { name });
    t.after(stop);
    await Promise.all([run(1), run(1)]);
    const { gate, open } = closedGate(t);
    const held = [run(gate), run(gate), run(gate)];
    await setImmediate();
    const { running = Number.NaN, depth = Number.NaN, capacity } = sumOf(name, one.library.name);
    assert.deepEqual([running + depth, capacity], [3, WORKERS]);
    assert.ok(running >= 1, `${running} run`);
    open();
    await settled(held);
    assert.deepEqual(read(name).tasks, [5, 5, 0, 0]);
  });

  test(`${one.name}: monitorQueue without anybody who finds it`, async (t) => {
    const { exports, stop } = await watch(t, one);
    stop();
    const { pool, run, destroy } = one.create(exports);
    t.after(destroy);
    const name = `${one.name} alone`.replaceAll(',', '');
    t.after(monitorQueue(pool, { name }).stop);
    await run(1);
    const { depth, capacity } = sumOf(name, one.library.name);
    assert.deepEqual([depth, capacity], [0, WORKERS]);
  });
}

/** All sources of one name and type, as a collection adds them up. */
function sumOf(name: string, type: string): { depth: number; running: number; capacity: number } {
  const sum = { depth: 0, running: 0, capacity: 0 };
  for (const source of sharedState().queues) {
    const reading = source.name === name && source.type === type ? source.read(() => {}) : undefined;
    if (reading === undefined) continue;
    for (const figure of ['depth', 'running', 'capacity'] as const) sum[figure] += reading[figure];
  }
  return sum;
}

for (const one of CASES.filter(({ name }) => /piscina|tinypool/.test(name))) {
  test(`${one.name}: tasks that are refused never waited`, async (t) => {
    const { exports, read } = await watch(t, one);
    const { pool, run, destroy } = one.create(exports, { maxQueue: 1 });
    t.after(destroy);
    const name = `${one.name} refused`.replaceAll(',', '');
    knownQueue(pool)?.rename(name);
    await Promise.all([run(1), run(1)]);
    const { gate, open } = closedGate(t);
    const results = settled([run(gate), run(gate), run(gate), run(gate), run(1, AbortSignal.abort())]);
    await setImmediate();
    const { depth, running, tasks } = read(name);
    open();
    assert.deepEqual([depth, running, tasks], [1, WORKERS, [7, 2, 0, 2]]);
    assert.deepEqual(await results, ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    assert.deepEqual(read(name).tasks, [7, 5, 0, 2]);
  });
}

test('workerpool: tasks that are refused never waited', async (t) => {
  const one = CASES.find(({ name }) => name === 'workerpool') ?? assert.fail('there is such a case');
  const { exports, read } = await watch(t, one);
  const { pool, run, destroy } = one.create(exports, { maxQueueSize: 1 });
  t.after(destroy);
  knownQueue(pool)?.rename('workerpool refused');
  await Promise.all([run(1), run(1)]);
  const tasks = [run(100), run(100), run(100)];
  assert.throws(() => run(100), /Max queue size/);
  assert.deepEqual(read('workerpool refused').tasks, [6, 2, 0, 1]);
  await settled(tasks);
});

test('the workers of a pool are a group of its name', async (t) => {
  const [one] = CASES;
  assert.ok(one !== undefined);
  const { exports, read } = await watch(t, one);
  const pools = ['first group', 'second group'].map((name) => {
    const created = one.create(exports);
    monitorQueue(created.pool, { name });
    t.after(created.destroy);
    return created;
  });
  await Promise.all(pools.map(({ run }) => run(1)));
  assert.equal(read('first group').workers, WORKERS);
  assert.equal(read('second group').workers, WORKERS);
});

test('what is no such library is refused, and stays what it is', () => {
  for (const { library } of CASES) {
    for (const exports of [{}, { Piscina: class {} }, { Tinypool: class {} }]) {
      assert.throws(() => library.patch(exports), TypeError, library.name);
    }
  }
});

function properties(object: object): unknown[] {
  return [
    Object.getPrototypeOf(object),
    ...Reflect.ownKeys(object).map((key) => {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key) ?? {};
      return [key, value, get, set];
    }),
  ];
}
