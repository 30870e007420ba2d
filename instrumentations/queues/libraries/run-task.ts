// Runs the work of a task and sees it end, without changing what the library gets from it.
import type { AnyFunction } from '../../../src/loading/replace.js';
import type { QueueTask } from '../task-queue.js';

// As it is before the application can change it.
const { then } = Promise.prototype;

/** Calls `work` as the task: it starts now, and ends when what is returned or thrown is there. */
export function runTask(task: QueueTask, work: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  task.started();
  let result: unknown;
  try {
    result = Reflect.apply(work, self, args);
  } catch (error) {
    task.failed();
    throw error;
  }
  return endWith(task, result);
}

/**
 * Ends the task when `result` settles. To be used only where the library awaits it in any case, so that a rejection is
 * handled by the library and not by us. Returns what the library is to await.
 */
export function endWith(task: QueueTask, result: unknown): unknown {
  const isObject = (typeof result === 'object' && result !== null) || typeof result === 'function';
  if (!isObject) {
    task.finished();
    return result;
  }
  if (!isPlainPromise(result as object)) return followThenable(task, result as object);
  watch(task, result as Promise<unknown>);
  return result;
}

// What inherits from Promise may have a `then` of its own, which `await` calls.
function isPlainPromise(result: object): boolean {
  return Object.getPrototypeOf(result) === Promise.prototype && !Object.hasOwn(result, 'then');
}

// `then` of a thing of somebody else may do the work, as that of a query builder does: it is called once, as `await` would.
function followThenable(task: QueueTask, result: object): unknown {
  let follow: unknown;
  try {
    follow = Reflect.get(result, 'then');
  } catch {
    // The library will see it too.
  }
  if (typeof follow !== 'function') {
    task.finished();
    return result;
  }
  const promise = new Promise((resolve, reject) => {
    Reflect.apply(follow, result, [resolve, reject]);
  });
  watch(task, promise);
  return promise;
}

function watch(task: QueueTask, promise: Promise<unknown>): void {
  try {
    Reflect.apply(then, promise, [() => task.finished(), () => task.failed()]);
  } catch {
    // A promise whose constructor was taken away: it runs for ever, as far as can be told.
    task.finished();
  }
}
