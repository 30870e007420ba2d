// Locks: who waits, who holds.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const LOCK_METRICS = {
  lockWaiters: {
    name: 'loopsight.lock.waiters',
    unit: '{task}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.lockName],
    description: 'Flows that wait for a lock. Locks of one name add up.',
  },
  lockWaitDuration: {
    name: 'loopsight.lock.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.lockName],
    description: 'How long flows waited for a lock that they got.',
  },
  lockHoldDuration: {
    name: 'loopsight.lock.hold.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.lockName],
    description: 'How long flows held a lock until they gave it back.',
  },
  lockLongestHold: {
    name: 'loopsight.lock.longest_hold',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.lockName],
    description:
      'How long a lock has been held by whoever holds it right now; 0 when it is free. Of locks of one name the longest.',
  },
  lockLongHolds: {
    name: 'loopsight.lock.long_holds',
    unit: '{hold}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.lockName, A.codeFunctionName, A.codeFilePath],
    seriesLimit: 100,
    description: 'Locks that were held for longer than the threshold while others waited, by the code that held them.',
  },
  lockDeadlocks: {
    name: 'loopsight.lock.deadlocks',
    unit: '{deadlock}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [],
    description: 'Likely deadlocks: pairs of locks that flows take in opposite orders.',
  },
} as const satisfies Record<string, MetricDefinition>;
