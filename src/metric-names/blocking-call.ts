// Synchronous calls that took long.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const BLOCKING_CALL_METRICS = {
  blockingCallDuration: {
    name: 'loopsight.blocking_call.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S.filter((bound) => bound > 0.01),
    attributes: [A.blockingCallName, A.codeFunctionName],
    seriesLimit: 200,
    description:
      'Synchronous calls (`*Sync`, hashes, large JSON, SQLite and the like) on the main thread that took 10 ms or longer (buckets from 25 ms on), by the function that made them. The first 50 functions are named, then `other`.',
  },
  blockingCalls: {
    name: 'loopsight.blocking_calls',
    unit: '{call}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.blockingCallName],
    seriesLimit: 100,
    description:
      'Synchronous calls on the main thread, however short, since the program serves or has run for 10 s. Of JSON.parse and JSON.stringify those with large texts.',
  },
  blockingCallTime: {
    name: 'loopsight.blocking_call.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.blockingCallName, A.codeFunctionName],
    seriesLimit: 200,
    description:
      'Time in these calls, by the function that made them: sampled once in each millisecond of the calls of one name, so that many short calls are seen as well as one long one. The first 50 functions are named, then `other`.',
  },
  stdioWriteTime: {
    name: 'loopsight.stdio.write.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.stdioStream],
    description:
      'Time that the main thread spent in writes to standard output and standard error, those of the start left out.',
  },
} as const satisfies Record<string, MetricDefinition>;
