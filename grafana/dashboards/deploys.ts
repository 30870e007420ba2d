// Deploys: did this version make it worse, by how much, and where?
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from './create-dashboard.js';
import type { Queries } from './queries.js';
import { moved } from './sections/deploys/moved.js';
import { overlays } from './sections/deploys/overlays.js';
import { verdict } from './sections/deploys/verdict.js';
import { versions } from './sections/deploys/versions.js';
import { versionChoice } from './version-choice.js';

const SECTIONS = [verdict, versions, overlays, moved];

export function deploys(queries: Queries): Dashboard {
  return createDashboard(queries, {
    id: 'deploys',
    title: 'Loopsight deploys',
    description: 'A candidate against a baseline: what a request costs, what arrivals wait, and what moved most.',
    sections: SECTIONS.map((section) => section(queries)),
    variables: versionChoice(queries),
    last: '6h',
  });
}
