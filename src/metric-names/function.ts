// Traced functions.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const FUNCTION_METRICS = {
  functionDuration: {
    name: 'loopsight.function.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.codeFunctionName, A.errorType],
    description: 'Duration of calls of traced functions.',
  },
  functionActive: {
    name: 'loopsight.function.active',
    unit: '{call}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.codeFunctionName],
    description: 'Calls of traced functions in flight.',
  },
} as const satisfies Record<string, MetricDefinition>;
