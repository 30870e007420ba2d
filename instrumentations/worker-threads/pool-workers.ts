// Workers that a pool created without a name get the pool's: so every pool is a group of its own.
import type { Worker } from 'node:worker_threads';

/** How the workers of a pool are known; held as a value of the pool, so that it may refer to it. */
export interface PoolOfWorkers {
  name(): string;
  has(worker: Worker): boolean;
}

const pools = new Set<WeakRef<object>>();
const known = new WeakMap<object, PoolOfWorkers>();
const collected = new FinalizationRegistry<WeakRef<object>>((reference) => pools.delete(reference));

/** Shows the workers of `pool` that have no name of their own under that of `workers`. */
export function namePoolWorkers(pool: object, workers: PoolOfWorkers): void {
  if (!known.has(pool)) {
    const reference = new WeakRef(pool);
    pools.add(reference);
    collected.register(pool, reference);
  }
  known.set(pool, workers);
}

/** Name of the pool that `worker` belongs to, if it is one that is known. */
export function poolNameOf(worker: Worker): string | undefined {
  for (const reference of pools) {
    const pool = reference.deref();
    const workers = pool === undefined ? undefined : known.get(pool);
    try {
      if (workers?.has(worker) === true) return workers.name();
    } catch {
      // A pool that is being built cannot tell its workers yet.
    }
  }
  return undefined;
}
