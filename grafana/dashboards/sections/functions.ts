// Traced functions: which are slow, which fail, which hang.
import { METRICS } from '../../../src/metric-names.js';
import { ERROR_SHARE_CRITICAL, FUNCTION_ERROR_SHARE } from '../../../src/status/thresholds.js';
import { BY_FUNCTION, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

export function functions(queries: Queries): Section {
  const { errorShare, quantile, rate, series } = queries;
  const duration = METRICS.functionDuration;
  // A comparison drops the NaN of functions that were not called lately.
  const called = '>= 0';
  return {
    id: 5,
    title: 'Functions',
    lines: [
      {
        height: 9,
        panels: [
          table({
            id: 501,
            title: 'Slowest functions',
            description:
              'Traced functions now, slowest first. Slow and often called is worth your time first. Many calls in flight and few that end: it hangs on something.',
            labels: { [LABELS.function]: 'Function', [LABELS.job]: 'Job' },
            columns: [
              { title: 'p99', unit: 's', expr: `${quantile(0.99, duration, BY_FUNCTION)} ${called}` },
              { title: 'p50', unit: 's', expr: `${quantile(0.5, duration, BY_FUNCTION)} ${called}` },
              { title: 'Calls', unit: 'ops', expr: aggregate('sum', BY_FUNCTION, rate(duration, [], '_count')) },
              {
                title: 'Failed',
                unit: 'percentunit',
                expr: errorShare(duration, BY_FUNCTION),
                limits: { warning: FUNCTION_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
              },
              {
                title: 'In flight',
                unit: 'short',
                expr: aggregate('sum', BY_FUNCTION, series(METRICS.functionActive)),
              },
            ],
          }),
        ],
      },
      {
        height: 8,
        panels: [
          timeSeries({
            id: 502,
            title: 'Duration p99 by version, slowest five',
            description:
              'The five slowest pairs of function and version at each moment. The same function twice, apart since a deploy marker: this deploy made it slower.',
            unit: 's',
            narrowsTo: 'version',
            queries: [
              {
                expr: top5(quantile(0.99, duration, [...BY_FUNCTION, LABELS.version])),
                legend: `{{${LABELS.function}}} {{${LABELS.version}}}`,
              },
            ],
          }),
          timeSeries({
            id: 503,
            title: 'Calls in flight, most five',
            description:
              'Calls that have begun and not ended. A steady rise is a leak of promises that never settle, or a dependency that stopped answering.',
            unit: 'short',
            queries: [
              {
                expr: top5(aggregate('sum', BY_FUNCTION, series(METRICS.functionActive))),
                legend: `{{${LABELS.job}}} {{${LABELS.function}}}`,
              },
            ],
          }),
        ],
      },
    ],
  };
}
