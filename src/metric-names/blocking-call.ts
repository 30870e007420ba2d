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
      'Synchronous calls of Node (`*Sync`, hashes and the like) on the main thread that took 10 ms or longer (buckets from 25 ms on), by the function that made them. The first 50 functions are named, then `other`.',
  },
} as const satisfies Record<string, MetricDefinition>;
