// How many of its tasks a queue would have to run at the same time, and whether its figures add up (Little's law).
import { METRICS } from '../../../src/metric-names.js';
import { BY_QUEUE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { aggregate, type Queries } from '../queries.js';
import { ofAllQueues, type QueueKind, waitingTasks } from '../shared-queues.js';
import { TARGET_WAIT } from '../target-wait.js';

export function queueSizing(queries: Queries): Section {
  const { over, rate, series } = queries;

  // Each instance has a queue of its own, so that the answers add up.
  function figuresOf({ matcher, by }: QueueKind) {
    const sum = (of: string) => aggregate('sum', by, of);
    const meanOf = (metric: typeof METRICS.queueRunDuration | typeof METRICS.queueWaitDuration) =>
      `(${sum(rate(metric, [matcher], '_sum'))} / (${sum(rate(metric, [matcher], '_count'))} > 0))`;
    const arrivals = sum(rate(METRICS.queueTasks, [matcher, `${LABELS.taskState}="added"`]));
    const run = meanOf(METRICS.queueRunDuration);
    const work = `(${arrivals} * ${run})`;
    return {
      arrivals,
      work,
      // As src/status/workers-needed.ts has it.
      needed: `clamp_min(ceil((${work} + sqrt(${work} * ${work} + 4 * ${work} * ${run} / ${TARGET_WAIT})) / 2 - 1e-9), 1)`,
      waiting: `(${arrivals} * ${meanOf(METRICS.queueWaitDuration)})`,
    };
  }

  const all = (figure: keyof ReturnType<typeof figuresOf>) => ofAllQueues((kind) => figuresOf(kind)[figure]);
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
              'How many tasks each queue would have to run at the same time so that the mean wait stays below the target that is chosen above: for work = arrivals × mean run, which is how many are busy once they are enough, as many as make run × work / (n × (n − work)) that short. "To add" above 0: tasks wait longer; below: so many could go. Queues in which no task ended within the interval are left out. The last two columns are the same figure counted in two ways (Little’s law); where they differ by much, the load changed within the interval.',
            labels: { [LABELS.queue]: 'Queue', [LABELS.job]: 'Job' },
            columns: [
              { title: 'Needed', unit: 'short', expr: all('needed') },
              { title: 'May run', unit: 'short', expr: capacity },
              { title: 'To add', unit: 'short', expr: `${all('needed')} - ${capacity}` },
              { title: 'Work', unit: 'short', expr: all('work') },
              { title: 'Arrivals', unit: 'ops', expr: all('arrivals') },
              {
                title: 'Waiting',
                unit: 'short',
                expr: waitingTasks((metric, matchers) => over('avg_over_time', metric, { matchers })),
              },
              {
                title: 'Arrivals × wait',
                unit: 'short',
                expr: all('waiting'),
              },
            ],
          }),
        ],
      },
    ],
  };
}
