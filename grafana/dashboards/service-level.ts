// Service level: which share of moments is fast, what was promised, and what is left of the budget.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { budget } from './sections/service-level/budget.js';
import { moments } from './sections/service-level/moments.js';

export function serviceLevel(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'service-level',
    title: 'Loopsight service level',
    description: 'Share of moments at which the loop answers in time, the objective, and the budget that is left.',
    sections: [budget(), moments(queries)],
    last: '24h',
  });
}
