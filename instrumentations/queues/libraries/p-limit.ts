// p-limit: what it returns is a closure that nobody can reach into, so the function that returns it is replaced.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, disguise } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../found-queue.js';
import type { QueueTask } from '../task-queue.js';
import { attempt, createSwitch, exportedFunction } from './patching.js';
import { runTask } from './run-task.js';

interface Limit extends AnyFunction {
  readonly activeCount: number;
  readonly pendingCount: number;
  readonly concurrency?: number;
}

const patches = createSwitch();

/** Limits of p-limit, named by the place that created them. */
export const pLimitLibrary: Library = {
  name: 'p-limit',
  from: '3.0.0',
  below: '8.0.0',
  patch: (exports) =>
    patches.patch(() => {
      const pLimit: AnyFunction = exportedFunction(exports, 'default');
      return { default: creator(pLimit) };
    }),
};

// `pLimit` is a function that could be called with `new`, as any.
function creator(pLimit: AnyFunction): AnyFunction {
  const create: AnyFunction = disguise(function (this: unknown, options, ...rest) {
    const limit: Limit = pLimit(options, ...rest);
    return (patches.isOn ? attempt(() => observed(limit, options, create)) : undefined) ?? limit;
  }, pLimit);
  return create;
}

function observed(limit: Limit, options: unknown, below: AnyFunction): Limit {
  // Before version 6 it does not tell its concurrency.
  const unbound = typeof options === 'number' ? options : Number.NaN;
  const call: AnyFunction = (work, ...args) => {
    if (!patches.isOn || typeof work !== 'function') return limit(work, ...args);
    const task = found.added();
    return limit((...given: unknown[]) => runTask(task, work, undefined, given), ...args);
  };
  const others = {
    ...overruled(limit, 'map', (map) => (items, work) => mapped(map, { items, work, found })),
    ...overruled(limit, 'clearQueue', (clear) => () => {
      found.emptied();
      return clear();
    }),
  };
  const observing = disguise(call, limit, others) as Limit;
  const found: FoundQueue = foundQueue(observing, {
    type: 'p-limit',
    below,
    depth: ({ pendingCount }) => pendingCount,
    running: ({ activeCount }) => activeCount,
    capacity: ({ concurrency = unbound }) => concurrency,
  });
  return observing;
}

function overruled(limit: Limit, key: string, make: (method: AnyFunction) => AnyFunction): Record<string, unknown> {
  const method: unknown = Reflect.get(limit, key);
  return typeof method === 'function' ? { [key]: disguise(make(method as AnyFunction), method as AnyFunction) } : {};
}

interface Mapping {
  readonly items: unknown;
  readonly work: unknown;
  readonly found: FoundQueue;
}

function mapped(map: AnyFunction, { items, work, found }: Mapping): unknown {
  if (!patches.isOn || typeof work !== 'function') return map(items, work);
  const tasks: QueueTask[] = [];
  return map(
    announced(items, () => tasks.push(found.added())),
    (value: unknown, index: number, ...rest: unknown[]) => {
      const task = tasks[index];
      const args = [value, index, ...rest];
      return task === undefined ? work(...args) : runTask(task, work as AnyFunction, undefined, args);
    },
  );
}

// Each item is added to the queue when it is asked for.
function announced(items: unknown, announce: () => void): unknown {
  if (typeof items !== 'object' || items === null) return items;
  return {
    *[Symbol.iterator]() {
      for (const item of Symbol.iterator in items ? (items as Iterable<unknown>) : Array.from(items as never)) {
        announce();
        yield item;
      }
    },
  };
}
