// Piscina and tinypool, which is a fork of it: a task is an asynchronous resource that is created, released to a worker, and done.
import { createHook } from 'node:async_hooks';
import { replaceMethod, undoAll } from '../../../src/loading/replace.js';
import type { FoundQueue } from '../found-queue.js';
import type { QueueTask } from '../queue-monitor.js';
import { isRejected, onAbort } from './called-off.js';
import { watchConstructed } from './constructed.js';
import { patchOnce } from './patch-once.js';
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
type TaskClass = abstract new (...args: never[]) => object;

/** One task, from `run` on. */
interface Entry {
  readonly queue: FoundQueue;
  readonly task: QueueTask;
  readonly pool: object;
  /** The library's own object; undefined until it is created, which is within `run`. */
  info: object | undefined;
  isStarted: boolean;
  /** Takes back what was done to learn that the task was called off while it waits. */
  stopWaiting: (() => void) | undefined;
}

/** Finds the pools of `Pool`; returns the undo. */
export function patchThreadPool(Pool: PoolClass, library: ThreadPoolLibrary): () => void {
  return patchOnce(Pool, () => patchPool(Pool, library));
}

function patchPool(Pool: PoolClass, library: ThreadPoolLibrary): () => void {
  const options = poolOptions(library.type);
  const undos: (() => void)[] = [];
  const entries = new WeakMap<object, Entry>();
  const waiting = new WeakMap<object, Set<Entry>>();
  const ending = new WeakSet<object>();
  let entering: Entry | undefined;
  let hasTasks = false;
  let stopped = false;

  function created(info: object): void {
    if (entering === undefined || entering.info !== undefined) return;
    entering.info = info;
    entries.set(info, entering);
  }

  function started(info: object): void {
    const entry = entries.get(info);
    if (entry === undefined || entry.isStarted) return;
    entry.isStarted = true;
    leaveLine(entry);
    entry.task.started();
  }

  function done(info: object, error: unknown): void {
    const entry = entries.get(info);
    if (entry === undefined) return;
    leaveLine(entry);
    if (!entry.isStarted) entry.task.dropped();
    else if (error === null || error === undefined) entry.task.finished();
    else entry.task.failed();
  }

  function leaveLine(entry: Entry): void {
    entry.stopWaiting?.();
    entry.stopWaiting = undefined;
    waiting.get(entry.pool)?.delete(entry);
  }

  function drop(entry: Entry): void {
    leaveLine(entry);
    if (!entry.isStarted) entry.task.dropped();
  }

  // The class of the tasks is in no export: an object of it is shown by the first task.
  function learnTasks(run: () => unknown): unknown {
    const hook = createHook({
      init(_id, type, _trigger, resource) {
        if (type !== library.taskResource || hasTasks) return;
        patchTasks(resource.constructor as TaskClass);
        created(resource);
      },
    });
    hook.enable();
    try {
      return run();
    } finally {
      hook.disable();
    }
  }

  function patchTasks(Task: TaskClass): void {
    hasTasks = true;
    const undoTasks: (() => void)[] = [];
    try {
      undoTasks.push(watchConstructed(Task, created));
      undoTasks.push(
        replaceMethod(Task.prototype, 'releaseTask', (original) => {
          return function (...args) {
            started(this);
            return original.apply(this, args);
          };
        }),
        replaceMethod(Task.prototype, 'done', (original) => {
          return function (...args) {
            done(this, args[0]);
            return original.apply(this, args);
          };
        }),
      );
      undos.push(...undoTasks);
    } catch {
      // Not as this version should be: depth and running stay at what `run` alone tells.
      undoAll(undoTasks);
    }
  }

  /** After `run` of a task that no worker took at once. */
  function queued(pool: ThreadPool, entry: Entry, signal: unknown, result: unknown): void {
    const isRefused = entry.info === undefined || (mayRefuse(pool, signal) && isRejected(result));
    if (isRefused) {
      drop(entry);
      return;
    }
    let line = waiting.get(pool);
    if (line === undefined) {
      line = new Set();
      waiting.set(pool, line);
    }
    line.add(entry);
    entry.stopWaiting = onAbort(signal, () => drop(entry));
  }

  function queuedSafely(pool: ThreadPool, entry: Entry, options: unknown, result: unknown): void {
    try {
      queued(pool, entry, signalOf(options), result);
    } catch {
      // A getter of the application's options threw; the library has said so.
      drop(entry);
    }
  }

  function mayRefuse(pool: ThreadPool, signal: unknown): boolean {
    if (ending.has(pool) || (signal as AbortSignal | undefined)?.aborted === true) return true;
    const { maxQueue } = pool.options;
    return Number.isFinite(maxQueue) && pool.queueSize >= maxQueue;
  }

  function queueOf(pool: ThreadPool, below: (...args: never[]) => unknown): FoundQueue {
    return foundWorkerPool(pool, options, below);
  }

  function constructed(pool: object): void {
    if (!stopped) queueOf(pool as ThreadPool, constructed);
  }

  try {
    undos.push(watchConstructed(Pool, constructed));
    undos.push(
      replaceMethod(Pool.prototype, 'run', (original) => {
        function run(this: ThreadPool, ...args: unknown[]): unknown {
          if (stopped) return original.apply(this, args);
          const queue = queueOf(this, run);
          const before = entering;
          const entry: Entry = {
            queue,
            task: queue.added(),
            pool: this,
            info: undefined,
            isStarted: false,
            stopWaiting: undefined,
          };
          entering = entry;
          let result: unknown;
          try {
            result = hasTasks ? original.apply(this, args) : learnTasks(() => original.apply(this, args));
          } finally {
            entering = before;
            if (!entry.isStarted) queuedSafely(this, entry, args[1], result);
          }
          return result;
        }
        return run;
      }),
      ...library.ending.map((method) =>
        replaceMethod(Pool.prototype, method, (original) => {
          return function (this: ThreadPool, ...args) {
            // A promise at once: from now on the pool takes no more tasks.
            const result = original.apply(this, args);
            if (result instanceof Promise) ending.add(this);
            else for (const entry of waiting.get(this) ?? []) drop(entry);
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
  };
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
  return (options as { readonly signal?: unknown } | null | undefined)?.signal;
}

/** The class under `name` in what a module exports: the namespace of an ES module, or `module.exports`. */
export function exportedClass(exports: unknown, name: string): PoolClass {
  const { [name]: named, default: byDefault } = exports as Readonly<Record<string, unknown>>;
  const found = [named, byDefault, exports].find((one) => typeof one === 'function');
  if (found === undefined) throw new TypeError(`Expected the class \`${name}\` to be exported`);
  return found as PoolClass;
}
