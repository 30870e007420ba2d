// How many of its tasks a queue would have to run at the same time, and whether its figures add up (Little's law).
import { METRICS } from '../../../src/metric-names.js';
import { BY_INSTANCE, BY_QUEUE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { aggregate, type Queries } from '../queries.js';
import { TARGET_WAIT } from '../target-wait.js';

const BY_QUEUE_INSTANCE = [...BY_INSTANCE, LABELS.queue] as const;

export function queueSizing(queries: Queries): Section {
  const { over, rate, series } = queries;
  const added = aggregate('sum', BY_QUEUE_INSTANCE, rate(METRICS.queueTasks, [`${LABELS.taskState}="added"`]));
  const meanOf = (metric: typeof METRICS.queueRunDuration | typeof METRICS.queueWaitDuration) =>
    `(${aggregate('sum', BY_QUEUE_INSTANCE, rate(metric, [], '_sum'))} / (${aggregate('sum', BY_QUEUE_INSTANCE, rate(metric, [], '_count'))} > 0))`;
  const run = meanOf(METRICS.queueRunDuration);
  const work = `(${added} * ${run})`;
  // As src/status/workers-needed.ts has it: each instance has a queue of its own, so that the answers add up.
  const needed = `ceil((${work} + sqrt(${work} * ${work} + 4 * ${work} * ${run} / ${TARGET_WAIT})) / 2)`;
  const capacity = aggregate('sum', BY_QUEUE, series(METRICS.queueCapacity));
  return {
    id: 24,
    title: 'How many at once?',
    lines: [
      {
        height: 8,
        panels: [
          table({
            id: 2401,
            title: 'Workers that each queue needs',
            description:
              'How many tasks each queue would have to run at the same time so that the mean wait stays below the target that is chosen above: for work = arrivals × mean run, as many as make run × work / (n × (n − work)) that short. "May run" below "Needed": tasks wait; far above: some are idle. The last two columns are the same figure counted in two ways (Little’s law); where they differ by much, the load changed within the interval.',
            labels: { [LABELS.queue]: 'Queue', [LABELS.job]: 'Job' },
            columns: [
              { title: 'Needed', unit: 'short', expr: aggregate('sum', BY_QUEUE, needed) },
              { title: 'May run', unit: 'short', expr: capacity },
              { title: 'Busy', unit: 'short', expr: aggregate('sum', BY_QUEUE, work) },
              { title: 'Arrivals', unit: 'ops', expr: aggregate('sum', BY_QUEUE, added) },
              {
                title: 'Waiting',
                unit: 'short',
                expr: aggregate('sum', BY_QUEUE, over('avg_over_time', METRICS.queueDepth)),
              },
              {
                title: 'Arrivals × wait',
                unit: 'short',
                expr: aggregate('sum', BY_QUEUE, `${added} * ${meanOf(METRICS.queueWaitDuration)}`),
              },
            ],
          }),
        ],
      },
    ],
  };
}
