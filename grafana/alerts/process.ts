// Alerts of the process: garbage collection, and a CPU that is kept from it.
import { METRICS } from '../../src/metric-names.js';
import { MINUTE_S } from '../rules/durations.js';
import { MAIN } from '../rules/promql.js';
import { type Alert, PERCENT, PROCESS } from './alert.js';

const WINDOW_S = 5 * MINUTE_S;

export const PROCESS_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightGarbageCollection',
    severity: 'ticket',
    needs: [METRICS.gcDuration],
    expr: (e) => {
      const collecting = e.over('rate', METRICS.gcDuration, WINDOW_S, { matchers: [MAIN], suffix: '_sum' });
      return `${e.by('sum', e.processLabels, collecting)} > ${e.options.gcShare}`;
    },
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () => `Garbage collection takes ${PERCENT} of the main thread's time in ${PROCESS}.`,
    description:
      'See whether the heap is near its limit (a leak, or a limit that is too small) or the code makes much garbage.',
    panel: 'garbageCollection',
    runbook: 'garbage-collection',
  },
  {
    name: 'LoopsightCpuThrottled',
    severity: 'ticket',
    needs: [METRICS.cgroupThrottledTime],
    expr: (e) =>
      `${e.by('max', e.processLabels, e.over('rate', METRICS.cgroupThrottledTime, WINDOW_S))} > ${e.options.throttledShare}`,
    forS: 15 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () => `The CPU quota keeps ${PROCESS} from the CPU for ${PERCENT} of the time.`,
    description:
      'Raise or remove the CPU limit, or give the process less to do: no code is to blame for the stalls that this makes.',
    panel: 'throttled',
    runbook: 'cpu-throttled',
  },
];
