// The thread pool of libuv.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const THREAD_POOL_METRICS = {
  threadPoolWait: {
    name: 'loopsight.threadpool.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadPoolLane],
    description:
      'Time that work given to the thread pool of libuv at a random moment waits for a thread, as random probes from a thread of their own see it, by the lane: `slow_io` is name look-ups, which may take half of the threads, `default` is everything else.',
  },
  threadPoolOldestAge: {
    name: 'loopsight.threadpool.oldest_age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadPoolLane],
    description: 'How long the oldest probe of the lane has waited for a thread right now; 0 when none waits.',
  },
  threadPoolDepth: {
    name: 'loopsight.threadpool.queue.depth',
    unit: '{task}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadPoolLane, A.threadPoolWork],
    description:
      'Requests of the main thread (files, name look-ups, cryptography, compression) that wait for a thread of the pool.',
  },
  threadPoolRunning: {
    name: 'loopsight.threadpool.running',
    unit: '{thread}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description:
      'Threads of the pool that work, whoever gave them the work; as Linux tells from Node 22 on, elsewhere those that the requests of the main thread need.',
  },
  threadPoolSize: {
    name: 'loopsight.threadpool.size',
    unit: '{thread}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadPoolLane],
    description: 'Threads of the pool that may work for the lane at the same time.',
  },
} as const satisfies Record<string, MetricDefinition>;
