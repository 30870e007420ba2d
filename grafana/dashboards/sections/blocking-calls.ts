// Synchronous calls that hold a loop while they wait or compute.
import { METRICS } from '../../../src/metric-names.js';
import type { Suffix } from '../../sets.js';
import { grown } from '../growth.js';
import { BY_JOB, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { type Queries, top5 } from '../queries.js';

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
    ],
  };
}
