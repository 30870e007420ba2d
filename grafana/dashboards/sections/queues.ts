// Queues: what waits, how long, and whether there is room.
import { METRICS } from '../../../src/metric-names.js';
import { QUEUE_OLDEST_AGE_CRITICAL_S, QUEUE_OLDEST_AGE_S } from '../../../src/status/thresholds.js';
import { BY_INSTANCE, BY_QUEUE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries } from '../queries.js';
import { waitingTasks } from '../shared-queues.js';

const QUEUE = `{{${LABELS.job}}} {{${LABELS.queue}}}`;
const AGE_LIMITS = { warning: QUEUE_OLDEST_AGE_S, critical: QUEUE_OLDEST_AGE_CRITICAL_S };

export function queues(queries: Queries): Section {
  const { quantile, rate, series } = queries;
  // Each instance has slots of its own: free ones of others are of no use to what waits.
  const own = (metric: typeof METRICS.queueRunning | typeof METRICS.queueCapacity) =>
    aggregate('sum', [...BY_INSTANCE, LABELS.queue], series(metric));
  const saturation = `${own(METRICS.queueRunning)} / ${own(METRICS.queueCapacity)}`;
  return {
    id: 4,
    title: 'Queues',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 401,
            title: 'Tasks that wait',
            description:
              'Depth of each queue, over all instances. A line that only rises is a queue that is filled faster than it is worked off: memory is next. Bound it, shed load, or add consumers.',
            unit: 'short',
            queries: [{ expr: waitingTasks(series), legend: QUEUE }],
          }),
          timeSeries({
            id: 402,
            title: 'Age of the oldest task',
            description:
              'How long the oldest waiting task has waited, on the worst instance. It rises one second a second when nothing is taken at all: the consumers hang.',
            unit: 's',
            limits: AGE_LIMITS,
            queries: [{ expr: aggregate('max', BY_QUEUE, series(METRICS.queueOldestAge)), legend: QUEUE }],
          }),
          timeSeries({
            id: 403,
            title: 'Wait before the start, p99',
            description:
              'From the addition of a task to its start, of the tasks that started. High with low saturation: the consumers are not woken in time, look at lag.',
            unit: 's',
            limits: AGE_LIMITS,
            queries: [{ expr: quantile(0.99, METRICS.queueWaitDuration, BY_QUEUE), legend: QUEUE }],
          }),
        ],
      },
      {
        height: 7,
        panels: [
          timeSeries({
            id: 404,
            title: 'Saturation',
            description:
              'Running tasks by how many may run, for queues that have a bound, in the instance that is fullest. At 100 % every further task waits: raise the bound if what is behind it has room.',
            unit: 'percentunit',
            limits: { warning: 0.9, critical: 1 },
            atLeast: 1,
            queries: [{ expr: aggregate('max', BY_QUEUE, saturation), legend: QUEUE }],
          }),
          timeSeries({
            id: 405,
            title: 'Tasks by outcome',
            description:
              'Added against completed, failed and dropped, a second. Added above the others: the queue grows. Dropped: it is full, and somebody is turned away.',
            unit: 'ops',
            queries: [
              {
                expr: aggregate('sum', [...BY_QUEUE, LABELS.taskState], rate(METRICS.queueTasks)),
                legend: `${QUEUE} {{${LABELS.taskState}}}`,
              },
            ],
          }),
          timeSeries({
            id: 406,
            title: 'Run time p99',
            description:
              'From the start of a task to its end. When it rises, waiting follows: find out what the tasks do under "Functions".',
            unit: 's',
            queries: [{ expr: quantile(0.99, METRICS.queueRunDuration, BY_QUEUE), legend: QUEUE }],
          }),
        ],
      },
    ],
  };
}
