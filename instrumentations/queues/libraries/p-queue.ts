// p-queue: `add` of its prototype, which every task goes through, and `concurrency`, which its constructor sets.
import type { Library } from '../../../src/loading/library.js';
import { replaceAccessor, replaceMethod } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../found-queue.js';
import type { QueueTask } from '../task-queue.js';
import { limitTask } from './limited-task.js';
import { attempt, createSwitch, exportedFunction } from './patching.js';
import { runTask } from './run-task.js';

interface PQueue {
  readonly size: number;
  readonly pending: number;
  readonly concurrency: number;
  readonly timeout?: number;
}

interface AddOptions {
  readonly timeout?: unknown;
  readonly signal?: unknown;
}

const patches = createSwitch();

/** Queues of p-queue, named by the place that created them. */
export const pQueueLibrary: Library = {
  name: 'p-queue',
  from: '6.0.0',
  below: '11.0.0',
  patch: (exports) =>
    patches.patch((undos) => {
      const { prototype } = exportedFunction(exports, 'default') as { readonly prototype: object };
      const setter = (set: (value: unknown) => void) =>
        function (this: PQueue, value: unknown) {
          set.call(this, value);
          if (patches.isOn) attempt(() => foundOf(this));
        };
      const clearing = (clear: () => unknown) =>
        function (this: PQueue) {
          // Those who are told that it is empty may add tasks at once.
          if (patches.isOn) attempt(() => foundOf(this).emptied());
          return clear.call(this);
        };
      undos.push(
        replaceAccessor(prototype, 'concurrency', 'set', setter),
        replaceMethod(prototype, 'add', adding),
        replaceMethod(prototype, 'clear', clearing),
      );
      return undefined;
    }),
};

const NO_OPTIONS: AddOptions = {};
const FIGURES = {
  type: 'p-queue',
  depth: ({ size }: PQueue) => size,
  running: ({ pending }: PQueue) => pending,
  capacity: ({ concurrency }: PQueue) => concurrency,
} as const;

function foundOf(queue: PQueue): FoundQueue {
  return foundQueue(queue, FIGURES);
}

// A queue class of the application may do anything when it is asked for its size.
function taskOf(queue: PQueue, options: unknown): { readonly task: QueueTask; readonly before: number } {
  const { timeout, signal } = (options ?? NO_OPTIONS) as AddOptions;
  const before = queue.size + queue.pending;
  return { task: limitTask(foundOf(queue).added(), timeout ?? queue.timeout, signal), before };
}

function adding(add: (...args: unknown[]) => unknown) {
  return function (this: PQueue, work: unknown, ...rest: unknown[]): unknown {
    const observed = patches.isOn && typeof work === 'function' ? attempt(() => taskOf(this, rest[0])) : undefined;
    if (observed === undefined) return add.call(this, work, ...rest);
    const { task, before } = observed;
    let isThere = false;
    const running = function (this: unknown, ...args: unknown[]) {
      isThere = true;
      return runTask(task, work as () => unknown, this, args);
    };
    try {
      return add.call(this, running, ...rest);
    } finally {
      // Refused at the door: a bad option, or a signal that was aborted before.
      if (!isThere && attempt(() => this.size + this.pending <= before) === true) task.dropped();
    }
  };
}
