// All versions of the time range in figures, and how far a deploy has come.
import { METRICS } from '../../../../src/metric-names.js';
import { LAG_P99_CRITICAL_S, LAG_P99_S } from '../../../../src/status/thresholds.js';
import { BY_VERSION, LABELS } from '../../labels.js';
import type { Section } from '../../layout.js';
import { table } from '../../panels/table.js';
import { timeSeries } from '../../panels/time-series.js';
import { aggregate, type Queries } from '../../queries.js';
import { activePerRequest, gcPerRequest, lagP99, requestsPerLoop, slowMoments, stalledShare } from './measures.js';

const VERSION = `{{${LABELS.job}}} {{${LABELS.version}}}`;

export function versions(queries: Queries): Section {
  const { rate, series } = queries;
  return {
    id: 19,
    title: 'Versions',
    lines: [
      {
        height: 7,
        panels: [
          table({
            id: 1901,
            title: 'Versions in figures',
            description:
              'Each version over the time range: what a request costs the loop, what arrivals wait, and the load that each loop had meanwhile. Versions that ran at other times of the day had another load.',
            labels: { [LABELS.job]: 'Job', [LABELS.version]: 'Version' },
            columns: [
              { title: 'Loop per request', unit: 's', expr: activePerRequest(queries, BY_VERSION) },
              {
                title: 'Lag p99',
                unit: 's',
                expr: lagP99(queries, BY_VERSION),
                limits: { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S },
              },
              { title: 'Slow moments', unit: 'percentunit', expr: slowMoments(queries, BY_VERSION) },
              { title: 'In stalls', unit: 'percentunit', expr: stalledShare(queries, BY_VERSION) },
              { title: 'GC per request', unit: 's', expr: gcPerRequest(queries, BY_VERSION) },
              { title: 'Load on each loop', unit: 'reqps', expr: requestsPerLoop(queries, BY_VERSION) },
            ],
          }),
        ],
      },
      {
        height: 7,
        panels: [
          timeSeries({
            id: 1902,
            title: 'Instances by version',
            description:
              'How far a deploy has come, and whether it was taken back. Two versions side by side for long: a canary, or a rollout that is stuck.',
            unit: 'short',
            narrowsTo: 'version',
            queries: [{ expr: aggregate('count', BY_VERSION, series(METRICS.processUptime)), legend: VERSION }],
          }),
          timeSeries({
            id: 1903,
            title: 'Requests by version',
            description:
              'Requests a second that each version answers. A canary with hardly any says nothing yet; a version that lost its traffic was taken out, or is failing its health checks.',
            unit: 'reqps',
            narrowsTo: 'version',
            queries: [
              {
                expr: aggregate('sum', BY_VERSION, rate(METRICS.httpServerRequestDuration, [], '_count')),
                legend: VERSION,
              },
            ],
          }),
          timeSeries({
            id: 1904,
            title: 'Uptime of the youngest process',
            description:
              'Fresh processes are slower than warm ones: code is not compiled yet and caches are empty. Compare versions from five minutes on. A saw: the version keeps restarting.',
            unit: 's',
            narrowsTo: 'version',
            queries: [{ expr: aggregate('min', BY_VERSION, series(METRICS.processUptime)), legend: VERSION }],
          }),
        ],
      },
    ],
  };
}
