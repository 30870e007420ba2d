// CPU and heap of worker threads.
import { METRICS } from '../../../src/metric-names.js';
import { HEAP_SHARE } from '../../../src/status/thresholds.js';
import { BY_LOOP, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const THREAD = `{{${LABELS.instance}}} {{${LABELS.thread}}}`;
/** Whatever threads are chosen: the choice at first is the main thread. */
const WORKERS = [`${LABELS.thread}!="main"`];

export function threadResources(queries: Queries): Section {
  const { rate, series } = queries;
  const used = aggregate('sum', BY_LOOP, series(METRICS.heapUsed, WORKERS));
  const limit = aggregate('max', BY_LOOP, series(METRICS.heapLimit, WORKERS));
  return {
    id: 16,
    title: 'CPU and heap of workers',
    lines: [
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1601,
            title: 'CPU time of workers, busiest five',
            description:
              'Cores that workers of one name used together. Near their number: the pool is full. Near 0 while the main thread computes: work that should be theirs is done there.',
            unit: 'short',
            narrowsTo: 'instance',
            queries: [{ expr: top5(aggregate('sum', BY_LOOP, rate(METRICS.threadCpuTime, WORKERS))), legend: THREAD }],
          }),
          timeSeries({
            id: 1602,
            title: 'Heap of workers by its limit, fullest five',
            description:
              'Heap in use by the size that it may grow to. Each worker has a limit of its own (resourceLimits): at 100 % it is ended, and its tasks are lost.',
            unit: 'percentunit',
            limits: { warning: HEAP_SHARE, critical: 1 },
            narrowsTo: 'instance',
            atLeast: 1,
            queries: [{ expr: top5(`${used} / ${limit}`), legend: THREAD }],
          }),
        ],
      },
    ],
  };
}
