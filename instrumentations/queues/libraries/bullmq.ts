// BullMQ: queues by name, jobs that are added here, and jobs that workers of this process run.
import { activeSpan } from '../../../src/active-span.js';
import { systemClock } from '../../../src/clock.js';
import { reportFailure } from '../../../src/diagnostics.js';
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../../src/loading/replace.js';
import { type BullInstance, type BullJob, BullQueue } from './bullmq-queue.js';
import { createSwitch, exportedFunction } from './patching.js';
import { endWith } from './run-task.js';

/** Queues beyond this number share the name `other`, and Redis is not asked for them. */
const BULL_QUEUE_LIMIT = 100;

const patches = createSwitch();
const queues = new Map<string, BullQueue>();

/** Queues of BullMQ 5 and 6, by the names that the application gave them. */
export const bullmqLibrary: Library = {
  name: 'bullmq',
  from: '5.0.0',
  below: '7.0.0',
  patch: (exports) =>
    patches.patch((undos) => {
      const { prototype: queue } = exportedFunction(exports, 'Queue') as { readonly prototype: object };
      const { prototype: worker } = exportedFunction(exports, 'Worker') as { readonly prototype: object };
      undos.push(
        replaceMethod(queue, 'addJob', (addJob) => adding(addJob, () => 1)),
        replaceMethod(queue, 'addBulk', (addBulk) =>
          adding(addBulk, (jobs) => (Array.isArray(jobs) ? jobs.length : 0)),
        ),
        replaceMethod(worker, 'run', running),
        replaceMethod(worker, 'callProcessJob', processing),
        () => {
          // Another copy of the library may be left.
          if (!patches.isOn) for (const one of [...queues.values()]) one.end();
        },
      );
      return undefined;
    }),
};

// Queues of one name with prefixes of their own are two queues, whose figures add up.
function queueOf(instance: BullInstance): BullQueue {
  const { name, qualifiedName } = instance;
  const key = typeof qualifiedName === 'string' ? qualifiedName : name;
  let queue = queues.get(key);
  if (queue === undefined) {
    const isNamed = queues.size < BULL_QUEUE_LIMIT;
    queue = new BullQueue(isNamed ? name : 'other', {
      clock: systemClock,
      asks: isNamed,
      onGone: () => queues.delete(key),
    });
    queues.set(key, queue);
  }
  queue.join(instance);
  return queue;
}

function guarded<T>(act: () => T): T | undefined {
  try {
    return patches.isOn ? act() : undefined;
  } catch (error) {
    reportFailure('a queue of BullMQ could not be told of a job', error);
    return undefined;
  }
}

function adding(add: AnyFunction, count: (...args: unknown[]) => number): AnyFunction {
  return function (this: BullInstance, ...args: unknown[]): unknown {
    guarded(() => queueOf(this).added(count(...args), activeSpan()));
    return add.apply(this, args);
  };
}

// A worker whose queue is empty is there from its start.
function running(run: AnyFunction): AnyFunction {
  return function (this: BullInstance, ...args: unknown[]): unknown {
    guarded(() => queueOf(this));
    return run.apply(this, args);
  };
}

function processing(callProcessJob: AnyFunction): AnyFunction {
  return function (this: BullInstance, job: BullJob, ...rest: unknown[]): unknown {
    const run = guarded(() => queueOf(this).started(job));
    if (run === undefined) return callProcessJob.call(this, job, ...rest);
    let result: unknown;
    try {
      result = callProcessJob.call(this, job, ...rest);
    } catch (error) {
      run.ended(outcomeOf(error));
      throw error;
    }
    if (result instanceof Promise) {
      // BullMQ awaits it: a rejection is handled there.
      const { then } = Promise.prototype;
      Reflect.apply(then, result, [() => run.ended('completed'), (error: unknown) => run.ended(outcomeOf(error))]);
      return result;
    }
    const task = {
      started() {},
      dropped() {},
      finished: () => run.ended('completed'),
      failed: () => run.ended('failed'),
    };
    return endWith(task, result);
  };
}

const GOES_BACK: readonly string[] = ['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError'];

// A processor throws these to give its job back to the queue.
function outcomeOf(error: unknown): 'failed' | undefined {
  if (!(error instanceof Error)) return 'failed';
  return GOES_BACK.includes(error.name) || error.message === 'bullmq:rateLimitExceeded' ? undefined : 'failed';
}
