// Pools of connections to databases.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

const DB_POOL = [A.dbClientConnectionPoolName, A.dbSystemName, A.dbNamespace, A.serverAddress, A.serverPort] as const;

export const CONNECTION_POOL_METRICS = {
  dbClientConnectionCount: {
    name: 'db.client.connection.count',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: [...DB_POOL, A.dbClientConnectionState],
    description: 'Connections of a pool that are in use or idle.',
  },
  dbClientConnectionIdleMax: {
    name: 'db.client.connection.idle.max',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: DB_POOL,
    description: 'Idle connections that a pool may keep; no series where there is no bound.',
  },
  dbClientConnectionIdleMin: {
    name: 'db.client.connection.idle.min',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: DB_POOL,
    description: 'Connections that a pool keeps though they are idle.',
  },
  dbClientConnectionLimit: {
    name: 'db.client.connection.limit',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: DB_POOL,
    description: 'Connections that a pool may have open; no series where there is no bound.',
  },
  dbClientConnectionPendingRequests: {
    name: 'db.client.connection.pending_requests',
    unit: '{request}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: DB_POOL,
    description: 'Requests that wait for a connection of a pool.',
  },
  dbClientConnectionTimeouts: {
    name: 'db.client.connection.timeouts',
    unit: '{timeout}',
    kind: 'counter',
    stability: 'experimental',
    attributes: DB_POOL,
    description: 'Requests that waited too long for a connection of a pool.',
  },
  dbClientConnectionCreateTime: {
    name: 'db.client.connection.create_time',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: DB_POOL,
    description: 'Time that it took to create a connection.',
  },
  dbClientConnectionWaitTime: {
    name: 'db.client.connection.wait_time',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: DB_POOL,
    description: 'Time that it took to obtain a connection from a pool.',
  },
  dbClientConnectionUseTime: {
    name: 'db.client.connection.use_time',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: DB_POOL,
    description: 'Time from borrowing a connection to returning it to its pool.',
  },
} as const satisfies Record<string, MetricDefinition>;
