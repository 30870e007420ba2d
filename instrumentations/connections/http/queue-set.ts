// The queues that one who watches has found, so that all of them leave the metrics when he stops; none is kept alive.
import { type FoundQueue, type FoundQueueOptions, foundQueue } from '../../queues/found-queue.js';

/** Queues that stop together. */
export interface QueueSet {
  found<Q extends object>(queue: Q, options: FoundQueueOptions<Q>): FoundQueue;
  stop(): void;
}

const FIRST_SWEEP = 64;

/** Creates an empty set. */
export function createQueueSet(): QueueSet {
  const known = new WeakMap<object, FoundQueue>();
  const all = new Set<WeakRef<FoundQueue>>();
  let sweepAt = FIRST_SWEEP;

  function remember(queue: FoundQueue): void {
    all.add(new WeakRef(queue));
    if (all.size < sweepAt) return;
    for (const one of all) if (one.deref() === undefined) all.delete(one);
    sweepAt = Math.max(FIRST_SWEEP, all.size * 2);
  }

  return {
    found(queue, options) {
      let found = known.get(queue);
      if (found === undefined) {
        found = foundQueue(queue, options);
        known.set(queue, found);
        remember(found);
      }
      return found;
    },
    stop() {
      for (const one of all) one.deref()?.stop();
      all.clear();
    },
  };
}
