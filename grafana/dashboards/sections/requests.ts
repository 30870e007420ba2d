// HTTP requests: how many, how they end, how long they take.
import { METRICS } from '../../../src/metric-names.js';
import { ERROR_SHARE_CRITICAL, HTTP_ERROR_SHARE } from '../../../src/status/thresholds.js';
import { BY_INSTANCE, BY_JOB, BY_VERSION, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const VERSION = `{{${LABELS.job}}} {{${LABELS.version}}}`;
const BY_ROUTE = [...BY_JOB, LABELS.method, LABELS.route];

export function requests(queries: Queries): Section {
  const { errorShare, quantile, rate, series } = queries;
  const http = METRICS.httpServerRequestDuration;
  return {
    id: 3,
    title: 'Requests',
    lines: [
      {
        height: 8,
        panels: [
          timeSeries({
            id: 301,
            title: 'Requests by status',
            description:
              'HTTP requests answered a second, by status. 503 and 504 with a deep queue mean overload; 500 means a fault in the code.',
            unit: 'reqps',
            stacked: true,
            queries: [
              {
                expr: aggregate('sum', [...BY_JOB, LABELS.status], rate(http, [], '_count')),
                legend: `{{${LABELS.job}}} {{${LABELS.status}}}`,
              },
            ],
          }),
          timeSeries({
            id: 302,
            title: 'Requests that failed, by version',
            description:
              'Share of requests answered with 5xx or aborted by the client. Only the new version: roll back. Every version at once: a dependency.',
            unit: 'percentunit',
            limits: { warning: HTTP_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
            narrowsTo: 'version',
            atLeast: HTTP_ERROR_SHARE,
            queries: [{ expr: errorShare(http, BY_VERSION), legend: VERSION }],
          }),
          timeSeries({
            id: 303,
            title: 'Request duration by version',
            description:
              'Median and 99th percentile. Compare with lag by version: what lag explains is the loop, the rest is the request itself.',
            unit: 's',
            narrowsTo: 'version',
            queries: [0.5, 0.99].map((q) => ({
              expr: quantile(q, http, BY_VERSION),
              legend: `${VERSION} p${q * 100}`,
            })),
          }),
        ],
      },
      {
        height: 7,
        panels: [
          timeSeries({
            id: 304,
            title: 'Request duration p99 by route, slowest five',
            description:
              'Routes are known where a framework tells them, otherwise only the method is. One slow route that makes all others slow as well is the one that blocks the loop.',
            unit: 's',
            queries: [
              {
                expr: top5(quantile(0.99, http, BY_ROUTE)),
                legend: `{{${LABELS.job}}} {{${LABELS.method}}} {{${LABELS.route}}}`,
              },
            ],
          }),
          timeSeries({
            id: 305,
            title: 'Requests in flight by instance, most five',
            description:
              'Requests that were accepted and not yet answered. Growth without more requests a second means that answers take longer: the instance, or what it calls, does not keep up.',
            unit: 'short',
            narrowsTo: 'instance',
            queries: [
              {
                expr: top5(aggregate('sum', BY_INSTANCE, series(METRICS.httpServerActiveRequests))),
                legend: INSTANCE,
              },
            ],
          }),
        ],
      },
    ],
  };
}
