// The alert of a deploy that made it worse.
import { METRICS } from '../../src/metric-names.js';
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
      return `(${ACTIVE_PER_REQUEST} and ${on} ${NEWEST})
/ on (${e.labels()}) group_left () (
  (${ACTIVE_PER_REQUEST} and ${on} ${PREVIOUS})
  or on (${e.labels()})
  (quantile_over_time(0.5, ${ACTIVE_PER_REQUEST}[${e.duration(DAY_S)}]) and ${on} ${PREVIOUS})
) > ${e.options.regressionFactor}
and ${on} (time() - ${NEWEST} > ${warmUpS})`;
    },
    forS: 15 * MINUTE_S,
    keepFiringS: 10 * MINUTE_S,
    summary: () =>
      `Version {{ $labels.${LABELS.version} }} of {{ $labels.job }} takes {{ $value | printf "%.2f" }} times the event loop per request{{ with printf "${PREVIOUS}{job=%q}" $labels.job | query }} that {{ . | first | label "${LABELS.version}" }} took{{ end }}.`,
    description:
      '`loopsight compare` says how sure that is and what moved; roll back, or look at the functions that got slower.',
    panel: 'versions',
    runbook: 'regression',
  },
];
