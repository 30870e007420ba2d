// The overview: is a loop starving, what waits, what is slow, and did this deploy make it worse?
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { cpu } from './sections/cpu.js';
import { eventLoop } from './sections/event-loop.js';
import { functions } from './sections/functions.js';
import { glance } from './sections/glance.js';
import { memory } from './sections/memory.js';
import { queues } from './sections/queues.js';
import { requests } from './sections/requests.js';
import { telemetry } from './sections/telemetry.js';
import { workers } from './sections/workers.js';

const SECTIONS = [glance, eventLoop, requests, queues, functions, workers, memory, cpu, telemetry];

export function overview(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'overview',
    title: 'Loopsight overview',
    description: 'Event loops, the queues in front of them and the threads beside them, by version and instance.',
    sections: SECTIONS.map((section) => section(queries)),
  });
}
