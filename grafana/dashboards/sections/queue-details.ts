// One line for each queue, and the instances that are worst.
import { METRICS } from '../../../src/metric-names.js';
import { QUEUE_OLDEST_AGE_CRITICAL_S, QUEUE_OLDEST_AGE_S } from '../../../src/status/thresholds.js';
import { BY_INSTANCE, BY_QUEUE, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { heatmap } from '../panels/heatmap.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';
import { waitingTasks } from '../shared-queues.js';

const AT = `{{${LABELS.queue}}} ${INSTANCE}`;
const BY_QUEUE_INSTANCE = [...BY_INSTANCE, LABELS.queue] as const;
const ENDED = `${LABELS.taskState}=~"completed|failed|dropped"`;

export function queueTable(queries: Queries): Section {
  const { quantile, rate, series } = queries;
  const added = [`${LABELS.taskState}="added"`];
  return {
    id: 14,
    title: 'Where does work wait?',
    lines: [
      {
        height: 9,
        panels: [
          table({
            id: 1401,
            title: 'Queues',
            description:
              'Every queue, the one with the most waiting tasks first. Added a second above ended a second: it grows. Waits long with few running: its consumers hang, or there are too few.',
            labels: { [LABELS.queue]: 'Queue', [LABELS.job]: 'Job' },
            columns: [
              { title: 'Waiting', unit: 'short', expr: waitingTasks(series) },
              {
                title: 'Oldest',
                unit: 's',
                expr: aggregate('max', BY_QUEUE, series(METRICS.queueOldestAge)),
                limits: { warning: QUEUE_OLDEST_AGE_S, critical: QUEUE_OLDEST_AGE_CRITICAL_S },
              },
              { title: 'Running', unit: 'short', expr: aggregate('sum', BY_QUEUE, series(METRICS.queueRunning)) },
              { title: 'Added', unit: 'ops', expr: aggregate('sum', BY_QUEUE, rate(METRICS.queueTasks, added)) },
              { title: 'Ended', unit: 'ops', expr: aggregate('sum', BY_QUEUE, rate(METRICS.queueTasks, [ENDED])) },
              { title: 'Wait p99', unit: 's', expr: `${quantile(0.99, METRICS.queueWaitDuration, BY_QUEUE)} >= 0` },
              { title: 'Run p99', unit: 's', expr: `${quantile(0.99, METRICS.queueRunDuration, BY_QUEUE)} >= 0` },
            ],
          }),
        ],
      },
    ],
  };
}

export function queueInstances(queries: Queries): Section {
  const { rate, series } = queries;
  return {
    id: 15,
    title: 'Queues by instance',
    lines: [
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1501,
            title: 'Tasks that wait, most five',
            description:
              'Depth of the longest queues. One instance far above the others: work is not spread evenly, or that instance is stuck. A click narrows the dashboard to it.',
            unit: 'short',
            narrowsTo: 'instance',
            queries: [{ expr: top5(aggregate('sum', BY_QUEUE_INSTANCE, series(METRICS.queueDepth))), legend: AT }],
          }),
          timeSeries({
            id: 1502,
            title: 'Age of the oldest task, worst five',
            description:
              'How long the oldest waiting task has waited. A line that rises one second a second: nothing is taken from that queue at all.',
            unit: 's',
            narrowsTo: 'instance',
            queries: [{ expr: top5(aggregate('max', BY_QUEUE_INSTANCE, series(METRICS.queueOldestAge))), legend: AT }],
          }),
          heatmap({
            id: 1503,
            title: 'Waits before the start',
            description:
              'How many tasks a second waited how long, over all chosen queues. A band that climbs is a backlog; two bands are two kinds of tasks, or two priorities.',
            unit: 's',
            queries: [
              { expr: aggregate('sum', ['le'], rate(METRICS.queueWaitDuration, [], '_bucket')), legend: '{{le}}' },
            ],
          }),
        ],
      },
    ],
  };
}
