// Bottleneck: its jobs go through methods of their class, and each job knows its limiter by the events that they share.
import type { Library } from '../../../src/loading/library.js';
import { type AnyFunction, replaceMethod } from '../../../src/loading/replace.js';
import { type FoundQueue, foundQueue } from '../found-queue.js';
import { forgetTasks } from '../queue-group.js';
import type { QueueTask } from '../task-queue.js';
import { attempt, createSwitch } from './patching.js';

interface Limiter {
  counts(): Readonly<Record<string, number>>;
  readonly _store?: { readonly storeOptions?: { readonly maxConcurrent?: number | null } };
}

interface Job {
  readonly Events?: { readonly instance?: Limiter };
}

const patches = createSwitch();
const tasks = new WeakMap<object, QueueTask>();
/** Jobs that threw; some are run once more. */
const failing = new WeakSet<object>();

const known = { name: 'bottleneck', from: '2.19.0', below: '3.0.0' } as const;

/** Limiters of Bottleneck, named by the place that created them. */
export const bottleneckLibraries: readonly Library[] = [
  {
    ...known,
    file: 'lib/Bottleneck.js',
    patch: (exports) =>
      patches.patch((undos) => {
        // The first thing that its constructor does.
        const constructing = (validate: AnyFunction) =>
          function (this: Limiter, ...args: unknown[]) {
            const result = validate.apply(this, args);
            if (patches.isOn) attempt(() => foundOf(this));
            return result;
          };
        undos.push(replaceMethod(prototypeOf(exports), '_validateOptions', constructing));
        return undefined;
      }),
  },
  {
    ...known,
    file: 'lib/Job.js',
    patch: (exports) =>
      patches.patch((undos) => {
        const prototype = prototypeOf(exports);
        undos.push(
          replaceMethod(prototype, 'doReceive', calling(received)),
          replaceMethod(prototype, 'doExecute', calling(executing)),
          replaceMethod(
            prototype,
            '_onFailure',
            calling((job) => failing.add(job)),
          ),
          replaceMethod(prototype, 'doDone', calling(done)),
          replaceMethod(
            prototype,
            'doDrop',
            calling((job) => tasks.get(job)?.dropped()),
          ),
          // Nobody tells of their end any more.
          () => forgetTasks(known.name),
        );
        return undefined;
      }),
  },
];

function foundOf(limiter: Limiter): FoundQueue {
  return foundQueue(limiter, {
    type: 'bottleneck',
    // A job that waits for its time between two others has a state of its own, in which it does not run yet.
    depth: (one) => counted(one, ['RECEIVED', 'QUEUED', 'RUNNING']),
    running: (one) => counted(one, ['EXECUTING']),
    capacity: ({ _store: store }) => store?.storeOptions?.maxConcurrent ?? Number.NaN,
  });
}

function counted(limiter: Limiter, states: readonly string[]): number {
  const counts = limiter.counts();
  return states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

function received(job: Job): void {
  const limiter = job.Events?.instance;
  if (patches.isOn && limiter !== undefined) tasks.set(job, foundOf(limiter).added());
}

function executing(job: Job): void {
  failing.delete(job);
  tasks.get(job)?.started();
}

function done(job: Job): void {
  if (failing.has(job)) tasks.get(job)?.failed();
  else tasks.get(job)?.finished();
}

function calling(tell: (job: Job) => unknown): (method: AnyFunction) => AnyFunction {
  return (method) =>
    function (this: Job, ...args: unknown[]) {
      attempt(() => tell(this));
      return method.apply(this, args);
    };
}

function prototypeOf(exports: unknown): object {
  const { prototype } = Object(exports);
  if (typeof prototype !== 'object') throw new TypeError('Expected a class to be exported');
  return prototype;
}
