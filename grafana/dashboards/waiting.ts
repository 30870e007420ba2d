// Queues, pools and threads: where work piles up.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { queueInstances, queueTable } from './sections/queue-details.js';
import { queues } from './sections/queues.js';
import { workers } from './sections/workers.js';

const SECTIONS = [queueTable, queues, queueInstances, workers];

export function queuesPoolsAndThreads(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'queues',
    title: 'Loopsight queues, pools and threads',
    description: 'Where work piles up: queues, pools of workers, and the threads behind them.',
    sections: SECTIONS.map((section) => section(queries)),
  });
}
