// What moved most between two versions: functions, code that stalls, queues.
import { METRICS } from '../../../../src/metric-names.js';
import { grown } from '../../growth.js';
import { BY_CODE, BY_FUNCTION, BY_JOB, BY_QUEUE, LABELS } from '../../labels.js';
import type { Section } from '../../layout.js';
import { table } from '../../panels/table.js';
import type { Queries } from '../../queries.js';
import { named } from '../stalled-code.js';
import { loopTime, type Measure, timesOf } from './measures.js';

const RANGE = '$__range';
const MOST = 10;
const SLOWER = { warning: 1.2, critical: 1.5 };

const functionP99: Measure = (queries, by) =>
  `${queries.quantileOver(0.99, METRICS.functionDuration, by, { range: RANGE })} >= 0`;

const queueWaitP99: Measure = (queries, by) =>
  `${queries.quantileOver(0.99, METRICS.queueWaitDuration, by, { range: RANGE })} >= 0`;

/** Of the time of the loops of the version, not of one loop. */
const stallShare: Measure = (queries, by) =>
  `${named(grown(queries, METRICS.stallTime, by))} / on (${LABELS.job}) group_left () ${loopTime(queries, BY_JOB)}`;

export function moved(queries: Queries): Section {
  const candidate = queries.choosing({ version: 'candidate' });
  const baseline = queries.choosing({ version: 'baseline' });
  const most = (of: string) => `topk(${MOST}, ${of})`;
  return {
    id: 21,
    title: 'What moved most',
    lines: [
      {
        height: 9,
        panels: [
          table({
            id: 2101,
            title: 'Functions',
            description:
              'Traced functions how many times the baseline their 99th percentile is with the candidate. A function without a baseline is new, or had another name.',
            labels: { [LABELS.function]: 'Function', [LABELS.job]: 'Job' },
            columns: [
              {
                title: 'Change of p99',
                unit: 'prefix:×',
                expr: most(timesOf(functionP99, queries, BY_FUNCTION)),
                limits: SLOWER,
              },
              { title: 'Candidate', unit: 's', expr: functionP99(candidate, BY_FUNCTION) },
              { title: 'Baseline', unit: 's', expr: functionP99(baseline, BY_FUNCTION) },
            ],
          }),
          table({
            id: 2103,
            title: 'Queues',
            description:
              'Queues by how many times as long one task in a hundred waits with the candidate. Waits grow with the load on each loop as well: compare the tile above.',
            labels: { [LABELS.queue]: 'Queue', [LABELS.job]: 'Job' },
            columns: [
              {
                title: 'Change of wait p99',
                unit: 'prefix:×',
                expr: most(timesOf(queueWaitP99, queries, BY_QUEUE)),
                limits: SLOWER,
              },
              { title: 'Candidate', unit: 's', expr: queueWaitP99(candidate, BY_QUEUE) },
              { title: 'Baseline', unit: 's', expr: queueWaitP99(baseline, BY_QUEUE) },
            ],
          }),
        ],
      },
      {
        height: 7,
        panels: [
          table({
            id: 2102,
            title: 'Code that stalls loops',
            description:
              'Functions by the share of loop time that they hold in stalls with the candidate. Without a baseline it did not stall there: the candidate brought it, or its input did.',
            labels: { [LABELS.function]: 'Function', [LABELS.file]: 'File', [LABELS.job]: 'Job' },
            columns: [
              { title: 'Candidate', unit: 'percentunit', expr: most(`${stallShare(candidate, BY_CODE)} > 0`) },
              { title: 'Baseline', unit: 'percentunit', expr: `${stallShare(baseline, BY_CODE)} > 0` },
            ],
          }),
        ],
      },
    ],
  };
}
