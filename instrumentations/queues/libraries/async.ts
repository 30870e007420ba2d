// async: `queue`, `priorityQueue`, `cargo` and `cargoQueue` return plain objects, whose list of tasks is observed: an item
// joins it, leaves it when it starts, and has a callback that is called at its end.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, disguise, replaceMethod } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../found-queue.js';
import type { QueueTask } from '../task-queue.js';
import { attempt, createSwitch, exportedFunction } from './patching.js';

interface AsyncQueue {
  readonly _tasks: object;
  readonly concurrency: number;
  readonly payload?: number;
  length(): number;
  workersList(): readonly unknown[];
}

interface Item {
  callback: AnyFunction;
}

const NAMES = ['queue', 'priorityQueue', 'cargo', 'cargoQueue'] as const;

const patches = createSwitch();
/** The lists that are observed already: a priority queue gets another one than the queue that it is made of. */
const observed = new WeakSet<object>();

/** Queues and cargos of async, by its main module, named by the place that created them. */
export const asyncLibrary: Library = {
  ...known(),
  patch: (exports) =>
    patches.patch((undos) => {
      const all: unknown = Reflect.get(Object(exports), 'default');
      const changes: Record<string, unknown> = {};
      for (const name of NAMES) {
        const create = exportedFunction(exports, name);
        changes[name] = creating(create);
        // `import async from 'async'` has the functions on an object.
        if (typeof all === 'object' && all !== null && Reflect.get(all, name) === create) {
          undos.push(replaceMethod(all, name, () => changes[name] as AnyFunction));
        }
      }
      return changes;
    }),
};

/** The same by `async/queue` and the like. */
export const asyncFileLibraries: readonly Library[] = NAMES.map((name) => ({
  ...known(),
  file: `${name}.js`,
  patch: (exports) => patches.patch(() => ({ default: creating(exportedFunction(exports, 'default')) })),
}));

function known() {
  return { name: 'async', from: '3.0.0', below: '4.0.0' } as const;
}

function creating(create: AnyFunction): AnyFunction {
  return disguise(function (this: unknown, ...args) {
    const queue: AsyncQueue = create.apply(this, args);
    if (patches.isOn) attempt(() => observe(queue));
    return queue;
  }, create);
}

function observe(queue: AsyncQueue): void {
  const { _tasks: list } = queue;
  if (observed.has(list)) return;
  observed.add(list);
  const found: FoundQueue = foundQueue(queue, {
    type: 'async',
    depth: (one) => one.length(),
    running: (one) => one.workersList().length,
    capacity: ({ concurrency, payload = 1 }) => concurrency * payload,
  });
  const tasks = new WeakMap<object, QueueTask>();
  let isEmptying = false;

  const joining = (join: AnyFunction) =>
    function (this: unknown, item: Item, ...rest: unknown[]) {
      if (patches.isOn) tasks.set(item, endingWith(item, found.added()));
      return join.call(this, item, ...rest);
    };
  replaceMethod(inherited(list, 'push'), 'push', joining);
  replaceMethod(inherited(list, 'unshift'), 'unshift', joining);
  replaceMethod(
    inherited(list, 'shift'),
    'shift',
    (shift) =>
      function (this: unknown, ...args) {
        const item = shift.apply(this, args);
        if (!isEmptying && item) tasks.get(item)?.started();
        return item;
      },
  );
  replaceMethod(
    inherited(list, 'remove'),
    'remove',
    (remove) =>
      function (this: unknown, isMeant, ...rest) {
        if (typeof isMeant !== 'function') return remove.call(this, isMeant, ...rest);
        const removing = (item: object) => {
          const isRemoved = isMeant(item);
          if (isRemoved) tasks.get(item)?.dropped();
          return isRemoved;
        };
        return remove.call(this, removing, ...rest);
      },
  );
  replaceMethod(
    inherited(list, 'empty'),
    'empty',
    (empty) =>
      function (this: unknown, ...args) {
        isEmptying = true;
        try {
          return empty.apply(this, args);
        } finally {
          isEmptying = false;
          found.emptied();
        }
      },
  );
}

// The methods of a list are on its prototype, which lists that are no queues share: this one gets its own.
function inherited(list: object, key: string): object {
  const { configurable, enumerable } = { configurable: true, enumerable: false };
  if (!Object.hasOwn(list, key)) {
    Object.defineProperty(list, key, { value: Reflect.get(list, key), configurable, enumerable, writable: true });
  }
  return list;
}

function endingWith(item: Item, task: QueueTask): QueueTask {
  const { callback } = item;
  item.callback = function (this: unknown, ...args) {
    const [error] = args;
    if (error === null || error === undefined) task.finished();
    else task.failed();
    return callback.apply(this, args);
  };
  return task;
}
