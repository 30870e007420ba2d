// The overview: is a loop starving, what waits, what is slow, and did this deploy make it worse?
import { type Dashboard, DashboardBuilder, DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import { deployMarkers } from './annotations.js';
import { addSections } from './layout.js';
import { otherDashboards, UID } from './links.js';
import { cpu } from './sections/cpu.js';
import { eventLoop } from './sections/event-loop.js';
import { functions } from './sections/functions.js';
import { glance } from './sections/glance.js';
import { memory } from './sections/memory.js';
import { queues } from './sections/queues.js';
import { requests } from './sections/requests.js';
import { telemetry } from './sections/telemetry.js';
import { workers } from './sections/workers.js';
import { addVariables } from './variables.js';

const TAG = 'loopsight';

/** The dashboard in Grafana's classic schema, which Grafana 12 and 13 load. */
export function overview(): Dashboard {
  const dashboard = new DashboardBuilder('Loopsight overview')
    .uid(UID)
    .description('Event loops, the queues in front of them and the threads beside them, by version and instance.')
    .tags([TAG, 'nodejs', 'opentelemetry'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(otherDashboards(TAG))
    .annotation(deployMarkers());
  addVariables(dashboard);
  addSections(dashboard, [
    glance(),
    eventLoop(),
    requests(),
    queues(),
    functions(),
    workers(),
    memory(),
    cpu(),
    telemetry(),
  ]);
  return inPlainSight(dashboard.build());
}

/** The builders put links and annotations into a menu, with no way to say otherwise; an on-call engineer wants them in sight. */
function inPlainSight(dashboard: Dashboard): Dashboard {
  return JSON.parse(JSON.stringify(dashboard, (key, value) => (isMenu(key, value) ? undefined : value)));
}

function isMenu(key: string, value: unknown): boolean {
  return key === 'placement' && value === 'inControlsMenu';
}
