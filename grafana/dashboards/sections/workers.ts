// Worker threads: how many, how busy, how they end.
import { METRICS } from '../../../src/metric-names.js';
import { WORKER_UTILIZATION } from '../../../src/status/thresholds.js';
import { growth } from '../growth.js';
import { BY_JOB, BY_LOOP, LABELS, LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const THREAD = `{{${LABELS.job}}} {{${LABELS.thread}}}`;

export function workers(queries: Queries): Section {
  const { quantile, series } = queries;
  // Whatever threads are chosen: the choice at first is the main thread.
  const workers = [`${LABELS.thread}!="main"`];
  return {
    id: 6,
    title: 'Worker threads',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 601,
            title: 'Workers',
            description:
              'Running worker threads by name, over all instances and whatever threads are chosen above. A count that jumps up and down is a pool whose workers die and are started again.',
            unit: 'short',
            queries: [
              { expr: aggregate('sum', [...BY_JOB, LABELS.thread], series(METRICS.workers, workers)), legend: THREAD },
            ],
          }),
          timeSeries({
            id: 602,
            title: 'Utilization of workers, busiest five',
            description:
              'Share of the time in which the loops of a pool were active; threads of one name count as one. All the time at 100 % with a queue in front: the pool is too small.',
            unit: 'percentunit',
            limits: { warning: WORKER_UTILIZATION, critical: 0.99 },
            narrowsTo: 'instance',
            atLeast: 1,
            queries: [
              {
                expr: top5(aggregate('max', BY_LOOP, series(METRICS.eventLoopUtilization, workers))),
                legend: LOOP,
              },
            ],
          }),
          queries.set.workerLag
            ? timeSeries({
                id: 604,
                title: 'Lag p99 of workers, worst five',
                description:
                  'What one message in a hundred waits at least before the loop of a worker reaches it; threads of one name count as one. High with low utilization: single long tasks; high with both: the pool is too small.',
                unit: 's',
                narrowsTo: 'instance',
                queries: [
                  {
                    expr: top5(quantile(0.99, METRICS.eventLoopLag, BY_LOOP, workers)),
                    legend: LOOP,
                  },
                ],
              })
            : undefined,
          timeSeries({
            id: 603,
            title: 'Exits of workers',
            description:
              'Worker threads that ended, by exit code; anything but 0 is an uncaught error, a memory limit or terminate(). The task that ran on it was lost unless somebody repeats it.',
            unit: 'short',
            atLeast: 1,
            queries: [
              {
                expr: growth(queries, METRICS.workerExits, [...BY_JOB, LABELS.thread, LABELS.exitCode], {
                  matchers: workers,
                }),
                legend: `${THREAD} exit code {{${LABELS.exitCode}}}`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
