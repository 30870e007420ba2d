// The alert of a deploy that made it worse.
import { METRICS } from '../../src/metric-names.js';
import { answered, asking } from '../rules/asking.js';
import { DAY_S, MINUTE_S } from '../rules/durations.js';
import { NEWEST, PREVIOUS } from '../rules/first-seen.js';
import { LABELS } from '../rules/promql.js';
import { ACTIVE_PER_REQUEST } from '../rules/versions.js';
import type { Alert } from './alert.js';

export const REGRESSION_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightRegression',
    severity: 'ticket',
    needs: [METRICS.eventLoopTime, METRICS.httpServerRequestDuration],
    // Against the version before as it is now, under the same traffic, where it still runs; else as it was in the median.
    expr: (e) => {
      const on = `on (${e.labels(LABELS.version)})`;
      const warmUpS = Number((e.options.regressionWarmUpS / e.options.shorten).toPrecision(6));
      const perRequest = e.record(ACTIVE_PER_REQUEST);
      const [newest, previous] = [NEWEST, PREVIOUS].map((record) => e.record(record));
      return `(${perRequest} and ${on} ${newest})
/ on (${e.labels()}) group_left () (
  (${perRequest} and ${on} ${previous})
  or on (${e.labels()})
  (quantile_over_time(0.5, ${perRequest}[${e.duration(DAY_S)}]) and ${on} ${previous})
) > ${e.options.regressionFactor}
and ${on} (time() - ${newest} > ${warmUpS})`;
    },
    forS: 15 * MINUTE_S,
    keepFiringS: 10 * MINUTE_S,
    summary: (e) => {
      const before = asking(e, [], (matchers) => `${PREVIOUS}{${matchers}}`, ` that ${answered(LABELS.version)} took`);
      return `Version {{ $labels.${LABELS.version} }} of {{ $labels.job }} takes {{ $value | printf "%.2f" }} times the event loop per request${before}.`;
    },
    description:
      '`loopsight compare` says how sure that is and what moved; roll back, or look at the functions that got slower.',
    panel: 'versions',
    runbook: 'regression',
  },
];
