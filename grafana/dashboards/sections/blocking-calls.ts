// Synchronous calls that hold a loop while they wait or compute.
import { METRICS } from '../../../src/metric-names.js';
import type { Suffix } from '../../sets.js';
import { grown } from '../growth.js';
import { BY_JOB, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const BY_CALL = [...BY_JOB, LABELS.blockingCall] as const;
const BY_CALLER = [...BY_CALL, LABELS.function] as const;

export function blockingCalls(queries: Queries): Section {
  const calls = METRICS.blockingCallDuration;
  const happened = (suffix: Suffix) => `${grown(queries, calls, BY_CALLER, { suffix })} > 0`;
  return {
    id: 12,
    title: 'Blocking calls',
    lines: [
      {
        height: 9,
        panels: [
          table({
            id: 1201,
            title: 'Synchronous calls by caller',
            description:
              'Calls such as readFileSync, pbkdf2Sync or execSync that took 10 ms or longer, over the time range, and the function of yours that made them. Each has an asynchronous variant that leaves the loop free.',
            labels: { [LABELS.blockingCall]: 'Call', [LABELS.function]: 'Caller', [LABELS.job]: 'Job' },
            columns: [
              { title: 'Time', unit: 's', expr: happened('_sum') },
              { title: 'Calls', unit: 'short', expr: `round(${happened('_count')})` },
            ],
          }),
          timeSeries({
            id: 1202,
            title: 'Duration p99 of synchronous calls, longest five',
            description:
              'How long the loop stands still for one such call. Growing with the size of files or inputs: today it is a hiccup, with the next customer an outage.',
            unit: 's',
            queries: [
              {
                expr: top5(queries.quantile(0.99, calls, BY_CALL)),
                legend: `{{${LABELS.job}}} {{${LABELS.blockingCall}}}`,
              },
            ],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          timeSeries({
            id: 1203,
            title: 'Time in synchronous calls, most five',
            description:
              'Seconds a second that the main loop stands in synchronous calls, by the function that makes them, short calls too: a hundred of 2 ms hold the loop as long as one of 200.',
            unit: 'short',
            queries: [
              {
                expr: top5(aggregate('sum', BY_CALLER, queries.rate(METRICS.blockingCallTime))),
                legend: `{{${LABELS.function}}} {{${LABELS.blockingCall}}}`,
              },
            ],
          }),
          timeSeries({
            id: 1204,
            title: 'Time in writes of logs',
            description:
              'Seconds a second that the main loop stands in writes to standard output and standard error, which are synchronous to files, and to pipes on Linux: whoever reads them slowly holds the loop. An asynchronous transport of the logger takes it off the loop.',
            unit: 'short',
            queries: [
              {
                expr: aggregate('sum', [...BY_JOB, LABELS.stdioStream], queries.rate(METRICS.stdioWriteTime)),
                legend: `{{${LABELS.job}}} {{${LABELS.stdioStream}}}`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
