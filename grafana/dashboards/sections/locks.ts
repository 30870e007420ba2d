// Locks: who waits, how long they are held, and by what code.
import { METRICS } from '../../../src/metric-names.js';
import { BY_JOB, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, WHOLE_RANGE } from '../queries.js';

const BY_LOCK = [...BY_JOB, LABELS.lock] as const;
const LOCK = `{{${LABELS.job}}} {{${LABELS.lock}}}`;

export function locks(queries: Queries): Section {
  const { over, quantile, series } = queries;
  return {
    id: 27,
    title: 'Locks',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 2701,
            title: 'Flows that wait for a lock',
            description: 'Over all instances. The loop is idle meanwhile: nothing else shows that work stands still.',
            unit: 'short',
            atLeast: 1,
            queries: [{ expr: aggregate('sum', BY_LOCK, series(METRICS.lockWaiters)), legend: LOCK }],
          }),
          timeSeries({
            id: 2702,
            title: 'Wait and hold, p99',
            description:
              'How long flows waited for a lock, and how long they held it. Waits far above the holds: many want it; holds that grow: something slow is done inside of it.',
            unit: 's',
            queries: [
              { expr: quantile(0.99, METRICS.lockWaitDuration, BY_LOCK), legend: `${LOCK} wait` },
              { expr: quantile(0.99, METRICS.lockHoldDuration, BY_LOCK), legend: `${LOCK} hold` },
            ],
          }),
          timeSeries({
            id: 2703,
            title: 'Longest hold right now',
            description:
              'How long a lock has been held by whoever holds it. A line that rises one second a second is a lock that is never given back; two of them are a deadlock.',
            unit: 's',
            queries: [{ expr: aggregate('max', BY_LOCK, series(METRICS.lockLongestHold)), legend: LOCK }],
          }),
          table({
            id: 2704,
            title: 'Code that held a lock for long',
            description:
              'Holds of more than a second while others waited, in the time that is shown, by the function that asked for the lock.',
            labels: {
              [LABELS.lock]: 'Lock',
              [LABELS.function]: 'Function',
              [LABELS.file]: 'File',
              [LABELS.job]: 'Job',
            },
            columns: [
              {
                title: 'Holds',
                unit: 'short',
                expr: `${aggregate('sum', [...BY_LOCK, LABELS.function, LABELS.file], over('increase', METRICS.lockLongHolds, { range: WHOLE_RANGE }))} > 0`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
