// Functions: which are slow, fail or hang, and which synchronous calls they make.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../src/metric-names.js';
import { createDashboard } from './create-dashboard.js';
import { LABELS } from './labels.js';
import type { Queries } from './queries.js';
import { blockingCalls } from './sections/blocking-calls.js';
import { cpuByFunction } from './sections/cpu-by-function.js';
import { functionDetails } from './sections/function-details.js';
import { functions } from './sections/functions.js';

const SECTIONS = [functions, functionDetails, blockingCalls, cpuByFunction];

export function tracedFunctions(queries: Queries): Dashboard {
  const ofFunction = queries.choosing({ function: 'function' });
  return createDashboard(queries, {
    id: 'functions',
    title: 'Loopsight functions',
    description:
      'Traced functions by duration, calls and errors, the synchronous calls that hold the loop, and CPU time by function.',
    sections: SECTIONS.map((section) => section(ofFunction)),
    variables: [
      {
        name: 'function',
        label: 'Function',
        of: `${queries.nameOf(METRICS.functionDuration, '_count')}{job=~"$job"}`,
        labelName: LABELS.function,
        allValue: '.*',
      },
    ],
  });
}
