// A pool of workers as a queue, whose workers go by its name.
import { sharedState } from '../../../src/shared-state.js';
import { namePoolWorkers } from '../../worker-threads/pool-workers.js';
import { creatorName } from '../creator-name.js';
import { type FoundQueue, foundQueue, knownQueue } from '../found-queue.js';

export interface WorkerPoolOptions<P extends object> {
  /** Value of `queue.type`: the name of the library's package. */
  readonly type: string;
  /** Tells how many tasks may run at the same time; NaN where there is no bound. */
  readonly capacity: (pool: P) => number;
  /** The workers that the pool has now, as the threads themselves. */
  readonly workers: (pool: P) => readonly unknown[];
}

/** The queue of `pool`, named after the place that called the function `below`, which must be on the stack. */
export function foundWorkerPool<P extends object>(
  pool: P,
  { type, capacity, workers }: WorkerPoolOptions<P>,
  below: (...args: never[]) => unknown,
): FoundQueue {
  const known = knownQueue(pool);
  if (known !== undefined) return known;
  const name = creatorName(below, type);
  namePoolWorkers(pool, {
    // What `monitorQueue` says comes later than this, but before the workers are found.
    name: () => sharedState().queueNames?.get(pool)?.name ?? name,
    has: (worker) => workers(pool).includes(worker),
  });
  return foundQueue(pool, { type, name, capacity, offloads: true });
}
