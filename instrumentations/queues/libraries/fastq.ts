// fastq: a function that returns a closure. What it hands out is a plain object, whose methods can be replaced on it; a
// task is known by its place alone, so that the order of those that wait is kept beside the queue's own.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, disguise, replaceMethod } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../found-queue.js';
import type { QueueTask } from '../task-queue.js';
import { attempt, createSwitch, exportedFunction } from './patching.js';
import { endWith } from './run-task.js';
import { WaitingTasks } from './waiting-tasks.js';

interface FastQueue {
  readonly concurrency: number;
  readonly paused: boolean;
  length(): number;
  running(): number;
}

/** Calls the worker of the application as a task. */
type RunWorker = (task: QueueTask, worker: AnyFunction, self: unknown, args: unknown[]) => unknown;

const patches = createSwitch();

/** Queues of fastq, named by the place that created them. */
export const fastqLibrary: Library = {
  name: 'fastq',
  from: '1.6.0',
  below: '2.0.0',
  patch: (exports) =>
    patches.patch(() => {
      const fastq: AnyFunction = exportedFunction(exports, 'default');
      const promise: unknown = Reflect.get(fastq, 'promise');
      const others =
        typeof promise === 'function'
          ? { promise: disguise(creator(promise as AnyFunction, withPromise), promise as AnyFunction) }
          : {};
      const create = disguise(creator(fastq, withCallback), fastq, others);
      return { default: create };
    }),
};

function creator(fastq: AnyFunction, runWorker: RunWorker): AnyFunction {
  return function (this: unknown, ...args) {
    const at = typeof args[0] === 'function' ? 0 : 1;
    const worker = args[at];
    if (!patches.isOn || typeof worker !== 'function') return fastq.apply(this, args);
    const tasks = new WaitingTasks();
    args[at] = function (this: unknown, ...given: unknown[]) {
      const task = tasks.next();
      return task === undefined ? worker.apply(this, given) : runWorker(task, worker, this, given);
    };
    const queue: FastQueue = fastq.apply(this, args);
    attempt(() => observe(queue, tasks));
    return queue;
  };
}

// The worker tells its end by the callback that it is given.
function withCallback(task: QueueTask, worker: AnyFunction, self: unknown, [value, done, ...rest]: unknown[]): unknown {
  task.started();
  // By this name the application gets it from fastq.
  const worked = (error: unknown, result: unknown) => {
    if (error === null || error === undefined) task.finished();
    else task.failed();
    return Reflect.apply(done as AnyFunction, undefined, [error, result]);
  };
  return Reflect.apply(worker, self, [value, worked, ...rest]);
}

function withPromise(task: QueueTask, worker: AnyFunction, self: unknown, args: unknown[]): unknown {
  task.started();
  return endWith(task, Reflect.apply(worker, self, args));
}

function observe(queue: FastQueue, tasks: WaitingTasks): void {
  const found: FoundQueue = foundQueue(queue, {
    type: 'fastq',
    depth: (one) => one.length(),
    running: (one) => one.running(),
    capacity: ({ concurrency }) => concurrency,
  });
  const joining = (place: 'last' | 'first') => (join: AnyFunction) =>
    function (this: unknown, ...args: unknown[]) {
      const task = patches.isOn ? found.added() : undefined;
      const isWaiting = queue.running() >= queue.concurrency || queue.paused;
      // Listeners of the queue run within, and may add tasks too.
      if (isWaiting) tasks.join(task, place);
      else tasks.runNow(task);
      return join.apply(this, args);
    };
  const emptying = (empty: AnyFunction) =>
    function (this: unknown, ...args: unknown[]) {
      tasks.clear();
      found.emptied();
      return empty.apply(this, args);
    };
  replaceMethod(queue, 'push', joining('last'));
  replaceMethod(queue, 'unshift', joining('first'));
  for (const name of ['kill', 'killAndDrain', 'abort']) if (name in queue) replaceMethod(queue, name, emptying);
}
