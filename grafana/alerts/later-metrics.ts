// Metrics of parts that are not there yet, as the contract names them (the table of metrics in the design): alerts on them
// are silent until something records them. A test compares this with METRICS, once they are defined there.
import { LATENCY_BOUNDS_S, type MetricDefinition } from '../../src/metric-names.js';
import { prometheusLabel } from '../../src/prometheus/naming.js';

const POOL = 'db.client.connection.pool.name';
const LANE = 'threadpool.lane';
const LOCK = 'lock.name';

/** Labels of those metrics. */
export const LATER_LABELS = {
  pool: prometheusLabel(POOL),
  connectionState: prometheusLabel('db.client.connection.state'),
  lane: prometheusLabel(LANE),
  lock: prometheusLabel(LOCK),
} as const;

/** Metrics that later parts record. */
export const LATER_METRICS = {
  connections: {
    name: 'db.client.connection.count',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [POOL, 'db.client.connection.state'],
    description: 'Connections of a pool, by state.',
  },
  connectionsMaximum: {
    name: 'db.client.connection.max',
    unit: '{connection}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [POOL],
    description: 'Connections that a pool may have.',
  },
  connectionsPending: {
    name: 'db.client.connection.pending_requests',
    unit: '{request}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [POOL],
    description: 'Requests that wait for a connection of a pool.',
  },
  threadPoolWait: {
    name: 'loopsight.threadpool.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [LANE],
    description: "Wait for a thread of libuv's pool.",
  },
  lockHold: {
    name: 'loopsight.lock.hold.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [LOCK],
    description: 'Time for which a lock was held.',
  },
} as const satisfies Record<string, MetricDefinition>;
