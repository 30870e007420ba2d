// Queues, pools and threads: where work piles up.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { connectionPools, otherServers } from './sections/connections.js';
import { locks } from './sections/locks.js';
import { queueInstances, queueTable } from './sections/queue-details.js';
import { queueSizing } from './sections/queue-sizing.js';
import { queues } from './sections/queues.js';
import { threadPool } from './sections/thread-pool.js';
import { workerDetails } from './sections/worker-details.js';
import { workers } from './sections/workers.js';
import { targetWait } from './target-wait.js';

const SECTIONS = [
  queueTable,
  queueSizing,
  queues,
  queueInstances,
  connectionPools,
  locks,
  threadPool,
  otherServers,
  workers,
  workerDetails,
];

export function queuesPoolsAndThreads(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'queues',
    title: 'Loopsight queues, pools and threads',
    description:
      'Where work piles up: queues and how large they should be, pools of connections and workers, locks, threads.',
    sections: SECTIONS.map((section) => section(queries)),
    variables: [targetWait],
  });
}
