// What all dashboards have in common: variables, deploy markers, links to each other.
import { type Dashboard, DashboardBuilder, DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import { markers } from './annotations.js';
import { addSections, type Section } from './layout.js';
import { type DashboardId, otherDashboards, tagOf, uidOf } from './links.js';
import type { Queries } from './queries.js';
import { type AnswerVariable, addVariables, type ChoiceVariable, type LabelVariable } from './variables.js';

export interface DashboardOptions {
  readonly id: DashboardId;
  /** Begins with "Loopsight"; other sets than ours add their name. */
  readonly title: string;
  readonly description: string;
  readonly sections: readonly Section[];
  /** Stand behind job, version, instance and thread. @default none */
  readonly variables?: readonly (LabelVariable | AnswerVariable | ChoiceVariable)[];
  /** How far back it looks at first. @default 1h */
  readonly last?: string;
}

/** The dashboard in Grafana's classic schema, which Grafana 12 and 13 load. */
export function createDashboard(queries: Queries, options: DashboardOptions): Dashboard {
  const { id, title, description, sections, variables = [], last = '1h' } = options;
  const { set } = queries;
  const dashboard = new DashboardBuilder(set.id === 'loopsight' ? title : `${title} (${set.title})`)
    .uid(uidOf(id, set))
    .description(description)
    .tags([tagOf(set), 'nodejs', 'opentelemetry'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: `now-${last}`, to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(otherDashboards(set));
  for (const marker of markers(queries)) dashboard.annotation(marker);
  addVariables(dashboard, queries, variables);
  addSections(dashboard, sections);
  return inPlainSight(dashboard.build());
}

/** The builders put links and annotations into a menu, with no way to say otherwise; an on-call engineer wants them in sight. */
function inPlainSight(dashboard: Dashboard): Dashboard {
  return JSON.parse(JSON.stringify(dashboard, (key, value) => (isMenu(key, value) ? undefined : value)));
}

function isMenu(key: string, value: unknown): boolean {
  return key === 'placement' && value === 'inControlsMenu';
}
