// workerpool: pools of worker threads or child processes; a task waits in the pool's queue until a worker's handler executes it.
import type { Library } from '../../../src/loading/library.js';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { FoundQueue } from '../found-queue.js';
import type { QueueTask } from '../queue-monitor.js';
import { patchOnce } from './patch-once.js';
import { attempt } from './patching.js';
import { foundWorkerPool, type WorkerPoolOptions } from './worker-pool.js';

const TYPE = 'workerpool';

interface Pool {
  readonly maxWorkers: number;
  readonly workers: readonly { readonly worker: unknown }[];
}

/** The library's own promise, which calls its callbacks at once and knows no unhandled rejection. */
interface OwnPromise {
  then(onSuccess: () => void, onFail: () => void): unknown;
}

interface Handler {
  exec(method: string, params: unknown, resolver?: { readonly promise: object }): unknown;
}

const POOLS: WorkerPoolOptions<Pool> = {
  type: TYPE,
  capacity: ({ maxWorkers }) => maxWorkers,
  workers: ({ workers }) => workers.map(({ worker }) => worker),
};

/** Pools of workerpool as queues: depth, running, capacity, wait and run time. */
export const workerpoolLibrary: Library = {
  name: TYPE,
  from: '10.0.0',
  below: '11.0.0',
  file: 'src/Pool.js',
  patch(exports) {
    const { prototype } = exports as { readonly prototype: object };
    return { undo: patchOnce(prototype, () => patchPool(prototype)) };
  },
};

function patchPool(prototype: object): () => void {
  const undos: (() => void)[] = [];
  // By the promise that the task's caller was given.
  const waiting = new WeakMap<object, Task>();
  let entering: Task | undefined;
  let hasHandlers = false;
  let stopped = false;

  /** The class of the handlers is in no export of this module: the first one shows it. */
  function learnHandlers(handler: Handler): void {
    if (hasHandlers || stopped) return;
    hasHandlers = true;
    undos.push(
      replaceMethod(Object.getPrototypeOf(handler), 'exec', (original) => {
        return function (this: unknown, ...args) {
          const promise = (args[2] as { readonly promise?: object } | undefined)?.promise;
          // Executed within `exec` of the pool, of a task whose promise nobody has yet: it is the one that came in.
          const task = promise === undefined ? undefined : (waiting.get(promise) ?? entering);
          if (task !== undefined) started(task);
          return original.apply(this, args);
        };
      }),
    );
  }

  try {
    undos.push(
      // The one method that the constructor calls.
      replaceMethod(prototype, '_createQueue', (original) => {
        function createQueue(this: Pool, ...args: unknown[]): unknown {
          if (!stopped) poolOf(this, createQueue);
          return original.apply(this, args);
        }
        return createQueue;
      }),
      replaceMethod(prototype, '_createWorkerHandler', (original) => {
        return function (...args) {
          const handler = original.apply(this, args);
          attempt(() => learnHandlers(handler));
          return handler;
        };
      }),
      replaceMethod(prototype, 'exec', (original) => {
        function exec(this: Pool, ...args: unknown[]): unknown {
          // A function as the method comes back as the method `run`.
          if (stopped || typeof args[0] !== 'string') return original.apply(this, args);
          const [first] = this.workers;
          if (first !== undefined) attempt(() => learnHandlers(first as unknown as Handler));
          const task: Task = { task: poolOf(this, exec).added(), isStarted: false };
          const before = entering;
          entering = task;
          try {
            const promise = original.apply(this, args) as OwnPromise;
            if (!task.isStarted) waiting.set(promise, task);
            promise.then(
              () => task.task.finished(),
              () => failed(task),
            );
            return promise;
          } catch (error) {
            // The queue is full.
            failed(task);
            throw error;
          } finally {
            entering = before;
          }
        }
        return exec;
      }),
    );
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return () => {
    stopped = true;
    undoAll(undos);
  };
}

interface Task {
  readonly task: QueueTask;
  isStarted: boolean;
}

function started(task: Task): void {
  task.isStarted = true;
  task.task.started();
}

function failed({ task, isStarted }: Task): void {
  if (isStarted) task.failed();
  else task.dropped();
}

function poolOf(pool: Pool, below: (...args: never[]) => unknown): FoundQueue {
  return foundWorkerPool(pool, POOLS, below);
}
