// What an on-call engineer needs first: are users hurt, where, since when, after what, and by what.
import { METRICS } from '../../../src/metric-names.js';
import {
  BLOCKED_S,
  ERROR_SHARE_CRITICAL,
  HTTP_ERROR_SHARE,
  LAG_P99_CRITICAL_S,
  LAG_P99_S,
} from '../../../src/status/thresholds.js';
import { BY_INSTANCE, INSTANCE } from '../labels.js';
import type { Section } from '../layout.js';
import { narrowTo } from '../links.js';
import { stat } from '../panels/stat.js';
import { aggregate, type Queries } from '../queries.js';
import { causes } from './glance/causes.js';
import { history } from './glance/history.js';
import { hurtShare } from './glance/hurt.js';
import { versions } from './glance/versions.js';

const LONG_BLOCKED_S = 5;

export function glance(queries: Queries): Section {
  return {
    id: 1,
    title: 'Are users hurt, where, since when, and by what?',
    lines: [
      { height: 4, panels: users(queries) },
      { height: 9, panels: [causes(queries), versions(queries)] },
      { height: 4, panels: history(queries) },
    ],
  };
}

function users(queries: Queries) {
  const { errorShare, has, quantile, rate, series } = queries;
  const http = METRICS.httpServerRequestDuration;
  return [
    stat({
      id: 101,
      title: 'Requests',
      description:
        'HTTP requests answered a second, of all that is chosen above, and the change over the time range. A sudden drop while clients still send is as bad as errors: processes are blocked or gone.',
      unit: 'reqps',
      change: true,
      queries: [{ expr: aggregate('sum', [], rate(http, [], '_count')), legend: 'requests' }],
    }),
    stat({
      id: 102,
      title: 'Requests that failed',
      description:
        'Share of HTTP requests that were answered with 5xx or aborted by the client. The table of versions says who fails; the status is under "Requests".',
      unit: 'percentunit',
      limits: { warning: HTTP_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
      queries: [{ expr: errorShare(http, []), legend: 'failed' }],
    }),
    stat({
      id: 103,
      title: 'Request duration p99',
      description:
        'One request in a hundred takes longer; with the change over the time range. When it rises together with lag, requests wait for the loop; when lag stays low, for something that they call.',
      unit: 's',
      change: true,
      queries: [{ expr: quantile(0.99, http, []), legend: 'p99' }],
    }),
    stat({
      id: 104,
      title: 'Loop lag p99, worst instance',
      description:
        'What one arrival in a hundred waits before the loop even looks at it, and where that is worst. From 100 ms on, synchronous work delays everybody. A click narrows the dashboard to that instance.',
      unit: 's',
      named: true,
      limits: { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S },
      links: [narrowTo('instance')],
      queries: [
        {
          // A comparison drops the NaN of a loop that was not probed.
          expr: `topk(1, ${quantile(0.99, METRICS.eventLoopLag, BY_INSTANCE)} >= 0)`,
          legend: INSTANCE,
        },
      ],
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
      title: 'Instances in trouble',
      description:
        'Share of the instances whose requests fail or whose loop lags. A few percent: one pod, its traffic or its machine. About the share of the new version: the deploy. All: a dependency, or the load.',
      unit: 'percentunit',
      limits: { warning: 0.01, critical: 0.5 },
      queries: [{ expr: hurtShare(queries), legend: 'in trouble' }],
    }),
  ];
}
