// Garbage collection, heap and memory.
import { METRICS } from '../../../src/metric-names.js';
import { GC_SHARE, HEAP_SHARE } from '../../../src/status/thresholds.js';
import { BY_INSTANCE, BY_LOOP, INSTANCE, LABELS, LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function memory(queries: Queries): Section {
  const { rate, series } = queries;
  const gcOfThread = aggregate('sum', [...BY_LOOP, LABELS.gcType], rate(METRICS.gcDuration, [], '_sum'));
  const used = aggregate('sum', BY_LOOP, series(METRICS.heapUsed));
  const limit = aggregate('sum', BY_LOOP, series(METRICS.heapLimit));
  return {
    id: 7,
    title: 'Garbage collection and memory',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 701,
            title: 'Time in garbage collection by type, worst thread',
            description:
              'Share of a thread that collections of a type take. Minor: many short-lived objects. Major and rising together with the heap: a leak, or a heap that is too small.',
            unit: 'percentunit',
            limits: { warning: GC_SHARE, critical: 0.3 },
            atLeast: GC_SHARE,
            queries: [
              {
                expr: aggregate('max', [LABELS.job, LABELS.gcType], gcOfThread),
                legend: `{{${LABELS.job}}} {{${LABELS.gcType}}}`,
              },
            ],
          }),
          timeSeries({
            id: 702,
            title: 'Heap against its limit, fullest five',
            description:
              'At 100 % the process dies with "heap out of memory"; collections slow it down long before. Take a heap snapshot while it is still alive, or raise --max-old-space-size if the container has room.',
            unit: 'percentunit',
            limits: { warning: HEAP_SHARE, critical: 0.97 },
            narrowsTo: 'instance',
            atLeast: 1,
            queries: [{ expr: top5(`${used} / ${limit}`), legend: LOOP }],
          }),
          timeSeries({
            id: 703,
            title: 'Memory of the process, most five',
            description:
              'Physical memory, with buffers and native memory that no heap limit bounds. Growth here with a flat heap is a leak outside of the heap. The container limit ends the process without a word.',
            unit: 'bytes',
            narrowsTo: 'instance',
            queries: [
              {
                expr: top5(aggregate('sum', BY_INSTANCE, series(METRICS.processMemoryUsage))),
                legend: INSTANCE,
              },
            ],
          }),
        ],
      },
    ],
  };
}
