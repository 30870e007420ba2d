// Connections: pools to databases, sockets to other servers, and the door of the process itself.
import { METRICS } from '../../../src/metric-names.js';
import { BY_INSTANCE, BY_JOB, INSTANCE, LABELS } from '../labels.js';
import type { Section } from '../layout.js';
import { timeSeries } from '../panels/time-series.js';
import { aggregate, type Queries, top5 } from '../queries.js';

const BY_POOL = [...BY_JOB, LABELS.pool] as const;
const POOL = `{{${LABELS.job}}} {{${LABELS.pool}}}`;
const BY_SERVER = [...BY_JOB, LABELS.server] as const;
const SERVER = `{{${LABELS.job}}} {{${LABELS.server}}}`;

export function connectionPools(queries: Queries): Section {
  const { quantile, series } = queries;
  // Each instance has connections of its own: free ones of others are of no use to what waits.
  const own = (of: string) => aggregate('sum', [...BY_INSTANCE, LABELS.pool], of);
  const used = own(series(METRICS.dbClientConnectionCount, [`${LABELS.connectionState}="used"`]));
  return {
    id: 25,
    title: 'Connections to databases',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 2501,
            title: 'Connections in use',
            description:
              'Connections of each pool that are in use, by how many it may have, in the instance that has the fewest left. At 100 % every further request waits: find who keeps connections for long before you make the pool larger.',
            unit: 'percentunit',
            limits: { warning: 0.9, critical: 1 },
            atLeast: 1,
            queries: [
              {
                expr: aggregate('max', BY_POOL, `${used} / ${own(series(METRICS.dbClientConnectionLimit))}`),
                legend: POOL,
              },
            ],
          }),
          timeSeries({
            id: 2502,
            title: 'Requests that wait for a connection',
            description:
              'Over all instances. Anything but a short peak means that the pool is used up, or that the database answers slowly.',
            unit: 'short',
            atLeast: 1,
            queries: [
              { expr: aggregate('sum', BY_POOL, series(METRICS.dbClientConnectionPendingRequests)), legend: POOL },
            ],
          }),
          timeSeries({
            id: 2503,
            title: 'Wait and use of connections, p99',
            description:
              'How long requests waited for a connection, and how long they kept it. A use that grows explains a wait that grows.',
            unit: 's',
            queries: [
              { expr: quantile(0.99, METRICS.dbClientConnectionWaitTime, BY_POOL), legend: `${POOL} wait` },
              { expr: quantile(0.99, METRICS.dbClientConnectionUseTime, BY_POOL), legend: `${POOL} use` },
            ],
          }),
        ],
      },
    ],
  };
}

export function otherServers(queries: Queries): Section {
  const { quantile, rate, series } = queries;
  return {
    id: 26,
    title: 'Requests to other servers, and connections to this one',
    lines: [
      {
        height: 7,
        panels: [
          timeSeries({
            id: 2601,
            title: 'Requests to others in flight',
            description:
              'HTTP requests that this service has sent and that are not answered, by server; those that wait for a socket are among them.',
            unit: 'short',
            queries: [{ expr: aggregate('sum', BY_SERVER, series(METRICS.httpClientActiveRequests)), legend: SERVER }],
          }),
          timeSeries({
            id: 2602,
            title: 'Requests to others, p99',
            description:
              'Duration of HTTP requests that this service sends. A dependency that is slow, or a loop that is: look at lag.',
            unit: 's',
            queries: [{ expr: quantile(0.99, METRICS.httpClientRequestDuration, BY_SERVER), legend: SERVER }],
          }),
          timeSeries({
            id: 2603,
            title: 'Connections to others',
            description:
              'Open HTTP connections by server, in use or idle. Many that are new all the time: keep-alive is off.',
            unit: 'short',
            queries: [
              {
                expr: aggregate(
                  'sum',
                  [...BY_SERVER, LABELS.httpConnectionState],
                  series(METRICS.httpClientOpenConnections),
                ),
                legend: `${SERVER} {{${LABELS.httpConnectionState}}}`,
              },
            ],
          }),
          queries.has(METRICS.acceptQueueDepth, METRICS.acceptQueueOverflows)
            ? timeSeries({
                id: 2604,
                title: 'Connections that nobody has accepted',
                description:
                  'What waits in the kernel until the process accepts it, worst five ports, and what the kernel turned away (a second). It piles up while the loop is blocked: clients see a slow connection, and the process sees nothing.',
                unit: 'short',
                narrowsTo: 'instance',
                atLeast: 1,
                queries: [
                  {
                    expr: top5(aggregate('max', [...BY_INSTANCE, LABELS.port], series(METRICS.acceptQueueDepth))),
                    legend: `${INSTANCE} port {{${LABELS.port}}}`,
                  },
                  {
                    expr: top5(aggregate('max', BY_INSTANCE, rate(METRICS.acceptQueueOverflows))),
                    legend: `${INSTANCE} turned away a second`,
                  },
                ],
              })
            : undefined,
        ],
      },
    ],
  };
}
