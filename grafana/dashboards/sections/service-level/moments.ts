// Fast moments at every bound that a promise could have, without any rule.
import { METRICS } from '../../../../src/metric-names.js';
import { BY_INSTANCE, BY_JOB, BY_VERSION, INSTANCE, LABELS } from '../../labels.js';
import type { Section } from '../../layout.js';
import { timeSeries } from '../../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../../queries.js';

/** Bounds that Prometheus 2 and 3 write alike, in seconds. */
const BOUNDS_S = [0.01, 0.05, 0.1, 0.25, 0.5] as const;
const BOUND_S = 0.1;

export function moments(queries: Queries): Section {
  const { rate } = queries;
  const lag = METRICS.eventLoopLag;
  const fast = (boundS: number, by: readonly string[]) =>
    `${aggregate('sum', by, rate(lag, [`le="${boundS}"`], '_bucket'))} / ${aggregate('sum', by, rate(lag, [], '_count'))}`;
  return {
    id: 23,
    title: 'Fast moments',
    lines: [
      {
        height: 9,
        panels: [
          timeSeries({
            id: 2301,
            title: 'Share of fast moments, by bound',
            description:
              'Share of moments at which an arrival waits at most so long. Choose as bound what users do not notice, and as objective what the graph keeps in a normal week.',
            unit: 'percentunit',
            queries: BOUNDS_S.map((boundS) => ({
              expr: fast(boundS, BY_JOB),
              legend: `{{${LABELS.job}}} within ${boundS * 1000} ms`,
            })),
          }),
          timeSeries({
            id: 2302,
            title: 'Moments within 100 ms, by version',
            description:
              'The same for each version, at 100 ms. A version below the other spends the budget: its own dashboard of deploys says on what.',
            unit: 'percentunit',
            narrowsTo: 'version',
            queries: [{ expr: fast(BOUND_S, BY_VERSION), legend: `{{${LABELS.job}}} {{${LABELS.version}}}` }],
          }),
          timeSeries({
            id: 2303,
            title: 'Slow moments by instance, worst five',
            description:
              'Share of moments beyond 100 ms. One instance that is slow all the time spends the budget of all: take it out of traffic and look at it alone.',
            unit: 'percentunit',
            narrowsTo: 'instance',
            queries: [{ expr: top5(`1 - ${fast(BOUND_S, BY_INSTANCE)}`), legend: INSTANCE }],
          }),
        ],
      },
    ],
  };
}
