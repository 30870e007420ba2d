// Stalls and telemetry health: which code holds loops, and can the figures be believed?
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { blockingCalls } from './sections/blocking-calls.js';
import { ownHealth } from './sections/own-health.js';
import { stallGlance, stalls } from './sections/stalls.js';
import { telemetry } from './sections/telemetry.js';

const SECTIONS = [stallGlance, stalls, blockingCalls, telemetry, ownHealth];

export function stallsAndTelemetry(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'stalls',
    title: 'Loopsight stalls and telemetry health',
    description: 'Which code holds event loops, why and for how long; and whether the figures can be believed.',
    sections: SECTIONS.map((section) => section(queries)),
  });
}
