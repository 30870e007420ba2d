// The thread pool of libuv: what files, DNS, crypto and compression wait for.
import { METRICS } from '../../../src/metric-names.js';
import { BY_INSTANCE, BY_JOB, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function threadPool(queries: Queries): Section {
  const { quantile, series } = queries;
  return {
    id: 28,
    title: 'Thread pool of libuv',
    lines: [
      {
        height: 7,
        panels: [
          queries.has(METRICS.threadPoolWait)
            ? timeSeries({
                id: 2801,
                title: 'Wait for a thread, p99, worst five',
                description:
                  'What one task in a hundred waits for a thread, as probes see it that do not depend on the loop; `slow_io`, such as DNS, may use half of the threads only. High: more threads (UV_THREADPOOL_SIZE), or fewer tasks at once.',
                unit: 's',
                narrowsTo: 'instance',
                queries: [
                  {
                    expr: top5(quantile(0.99, METRICS.threadPoolWait, [...BY_INSTANCE, LABELS.lane])),
                    legend: `${INSTANCE} {{${LABELS.lane}}}`,
                  },
                ],
              })
            : undefined,
          timeSeries({
            id: 2802,
            title: 'Tasks that wait, by kind of work',
            description: 'What the main threads have asked for and no thread has begun, over all instances.',
            unit: 'short',
            stacked: true,
            queries: [
              {
                expr: aggregate('sum', [...BY_JOB, LABELS.work], series(METRICS.threadPoolDepth)),
                legend: `{{${LABELS.job}}} {{${LABELS.work}}}`,
              },
            ],
          }),
          timeSeries({
            id: 2803,
            title: 'Threads that work, busiest five',
            description:
              'Of each process; UV_THREADPOOL_SIZE is 4 where nobody set it. At that number with waits beside it, the pool is used up.',
            unit: 'short',
            narrowsTo: 'instance',
            atLeast: 4,
            queries: [
              { expr: top5(aggregate('sum', BY_INSTANCE, series(METRICS.threadPoolRunning))), legend: INSTANCE },
            ],
          }),
        ],
      },
    ],
  };
}
