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
  functionTime: {
    name: 'loopsight.function.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.codeFunctionName, A.functionTimeState],
    description:
      'Where the duration of calls of traced functions went, what they call and await included: on the loop for them (`own`), the loop busy with anything else (`others`), the loop idle (`idle`). These add up to the duration; `offloaded`, in which threads or child processes worked for them, overlaps them, so never stack it on top. Split by a sample of calls where they were suspended; a function shows `own` beyond first segments, and `others`, once a call was measured.',
  },
  functionMeasured: {
    name: 'loopsight.function.measured',
    unit: '{call}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.codeFunctionName],
    description:
      'Calls of traced functions that were suspended and whose own time was measured exactly: the sample behind `loopsight.function.time`.',
  },
} as const satisfies Record<string, MetricDefinition>;
