// One line that answers at a glance: are users hurt, and is it the loop?
import { METRICS } from '../../../src/metric-names.js';
import {
  BLOCKED_S,
  ERROR_SHARE_CRITICAL,
  HTTP_ERROR_SHARE,
  LAG_P99_CRITICAL_S,
  LAG_P99_S,
  UTILIZATION,
} from '../../../src/status/thresholds.js';
import { BY_LOOP } from '../labels.js';
import type { Section } from '../layout.js';
import { stat } from '../panels/stat.js';
import { aggregate, type Queries } from '../queries.js';

const SATURATED = 0.98;
const LONG_BLOCKED_S = 5;

export function glance(queries: Queries): Section {
  const { has, errorShare, quantile, rate, series } = queries;
  const http = METRICS.httpServerRequestDuration;
  return {
    id: 1,
    title: 'Are users hurt, and is it the loop?',
    lines: [
      {
        height: 5,
        panels: [
          stat({
            id: 101,
            title: 'Requests',
            description:
              'HTTP requests answered a second, of all that is chosen above. A sudden drop while clients still send is as bad as errors: look at "Blocked right now".',
            unit: 'reqps',
            queries: [{ expr: aggregate('sum', [], rate(http, [], '_count')), legend: 'requests' }],
          }),
          stat({
            id: 102,
            title: 'Requests that failed',
            description:
              'Share of HTTP requests that were answered with 5xx or aborted by the client. Find the version and status below under "Requests"; functions that fail are in the table of functions.',
            unit: 'percentunit',
            limits: { warning: HTTP_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
            queries: [{ expr: errorShare(http, []), legend: 'failed' }],
          }),
          stat({
            id: 103,
            title: 'Request duration p99',
            description:
              'One request in a hundred takes longer. When it rises together with loop lag, requests wait for the loop; when lag stays low, they wait for something else: see queues and functions.',
            unit: 's',
            queries: [{ expr: quantile(0.99, http, []), legend: 'p99' }],
          }),
          stat({
            id: 104,
            title: 'Loop lag p99, worst loop',
            description:
              'What one arrival in a hundred waits before the loop even looks at it, on the worst loop. From 100 ms on, synchronous work delays everybody: see which version and instance below, then which function.',
            unit: 's',
            limits: { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S },
            queries: [{ expr: aggregate('max', [], quantile(0.99, METRICS.eventLoopLag, BY_LOOP)), legend: 'lag p99' }],
          }),
          has(METRICS.eventLoopBlocked)
            ? stat({
                id: 105,
                title: 'Blocked right now, worst loop',
                description:
                  'How long the most overdue loop had not turned at the last scrape; 0 while all turn. If it grows from scrape to scrape, that process answers nobody: find the instance under "Event loop" and take it out of traffic.',
                unit: 's',
                limits: { warning: BLOCKED_S, critical: LONG_BLOCKED_S },
                queries: [{ expr: aggregate('max', [], series(METRICS.eventLoopBlocked)), legend: 'blocked' }],
              })
            : undefined,
          stat({
            id: 106,
            title: 'Loop utilization, busiest loop',
            description:
              'Share of the last 10 seconds in which the busiest loop was active. Near 100 % there is no room left: arrivals queue up. Scale out, or move work to worker threads.',
            unit: 'percentunit',
            limits: { warning: UTILIZATION, critical: SATURATED },
            queries: [{ expr: aggregate('max', [], series(METRICS.eventLoopUtilization)), legend: 'utilization' }],
          }),
        ],
      },
    ],
  };
}
