// Piscina and tinypool, which is a fork of it: pools whose tasks come in by `run`.
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { FoundQueue } from '../found-queue.js';
import { forgetTasks } from '../queue-group.js';
import { watchConstructed } from './constructed.js';
import { limitTask } from './limited-task.js';
import { patchOnce } from './patch-once.js';
import { isRejected } from './rejected.js';
import { followThreadPoolTasks } from './thread-pool-tasks.js';
import { foundWorkerPool, type WorkerPoolOptions } from './worker-pool.js';

/** What the two libraries have in common, as far as it is used. */
export interface ThreadPool {
  readonly options: {
    readonly maxThreads: number;
    readonly concurrentTasksPerWorker: number;
    readonly maxQueue: number;
  };
  readonly queueSize: number;
  readonly threads: readonly unknown[];
}

export interface ThreadPoolLibrary {
  /** Value of `queue.type`. */
  readonly type: string;
  /** Type of the asynchronous resource that a task is. */
  readonly taskResource: string;
  /** Methods that end the pool (and return a promise), and those that call off what waits. */
  readonly ending: readonly string[];
}

type PoolClass = (abstract new (...args: never[]) => ThreadPool) & { readonly prototype: ThreadPool };

interface KnownPool {
  readonly queue: FoundQueue;
  /** Whether only so many tasks may wait; undefined until that was asked. */
  isBounded: boolean | undefined;
  isEnding: boolean;
}

/** Finds the pools of `Pool`; returns the undo. */
export function patchThreadPool(Pool: PoolClass, library: ThreadPoolLibrary): () => void {
  return patchOnce(Pool, () => patchPool(Pool, library));
}

function patchPool(Pool: PoolClass, library: ThreadPoolLibrary): () => void {
  const options = poolOptions(library.type);
  const tasks = followThreadPoolTasks(library.taskResource);
  const undos = [() => tasks.undo()];
  const known = new WeakMap<object, KnownPool>();
  let stopped = false;

  function poolOf(pool: ThreadPool, below: (...args: never[]) => unknown): KnownPool {
    let one = known.get(pool);
    if (one === undefined) {
      one = { queue: foundWorkerPool(pool, options, below), isBounded: undefined, isEnding: false };
      known.set(pool, one);
    }
    return one;
  }

  function constructed(pool: object): void {
    if (!stopped) poolOf(pool as ThreadPool, constructed);
  }

  try {
    undos.push(watchConstructed(Pool, constructed));
    undos.push(
      replaceMethod(Pool.prototype, 'run', (original) => {
        function run(this: ThreadPool, ...args: unknown[]): unknown {
          if (stopped) return original.apply(this, args);
          const signal = signalOf(args[1]);
          const pool = poolOf(this, run);
          const task = limitTask(pool.queue.added(), undefined, signal);
          const outer = tasks.enter(task);
          let isThere = false;
          let result: unknown;
          try {
            result = original.apply(this, args);
          } finally {
            isThere = tasks.leave(task, outer);
            if (!isThere) task.dropped();
          }
          if (isThere && mayRefuse(this, pool, signal) && isRejected(result)) task.dropped();
          return result;
        }
        return run;
      }),
      ...library.ending.map((method) =>
        replaceMethod(Pool.prototype, method, (original) => {
          return function (this: ThreadPool, ...args) {
            const result = original.apply(this, args);
            // A promise at once: from now on the pool takes no more tasks. Else those that wait were called off.
            const pool = known.get(this);
            if (pool === undefined) return result;
            if (result instanceof Promise) pool.isEnding = true;
            else if (!stopped) pool.queue.emptied();
            return result;
          };
        }),
      ),
    );
  } catch (error) {
    undoAll(undos);
    throw error;
  }
  return () => {
    stopped = true;
    undoAll(undos);
    // Nobody tells of their end any more.
    forgetTasks(library.type);
  };
}

function mayRefuse(pool: ThreadPool, known: KnownPool, signal: unknown): boolean {
  try {
    if (known.isEnding || (signal as AbortSignal | null | undefined)?.aborted === true) return true;
    // Asked once: the pools have to look for it.
    known.isBounded ??= Number.isFinite(pool.options.maxQueue);
    return known.isBounded && pool.queueSize >= pool.options.maxQueue;
  } catch {
    // A class of the application may do anything when it is asked.
    return true;
  }
}

function poolOptions(type: string): WorkerPoolOptions<ThreadPool> {
  return {
    type,
    capacity: ({ options }) => options.maxThreads * options.concurrentTasksPerWorker,
    // tinypool wraps its workers.
    workers: ({ threads }) => threads.map((one) => (one as { readonly thread?: unknown }).thread ?? one),
  };
}

function signalOf(options: unknown): unknown {
  try {
    return (options as { readonly signal?: unknown } | null | undefined)?.signal;
  } catch {
    // A getter of the application's options: it throws at the library as well.
    return undefined;
  }
}

/** The class under `name` in what a module exports: the namespace of an ES module, or `module.exports`. */
export function exportedClass(exports: unknown, name: string): PoolClass {
  const { [name]: named, default: byDefault } = exports as Readonly<Record<string, unknown>>;
  const found = [named, byDefault, exports].find((one) => typeof one === 'function');
  if (found === undefined) throw new TypeError(`Expected the class \`${name}\` to be exported`);
  return found as PoolClass;
}
