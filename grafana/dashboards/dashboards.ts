// Every dashboard for every set of metrics.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRIC_SETS, type MetricSet } from '../sets.js';
import { deploys } from './deploys.js';
import type { DashboardId } from './links.js';
import { overview } from './overview.js';
import { createQueries, type Queries } from './queries.js';
import { serviceLevel } from './service-level.js';
import { stallsAndTelemetry } from './stalls.js';
import { tracedFunctions } from './traced-functions.js';
import { queuesPoolsAndThreads } from './waiting.js';

/** What makes each dashboard, in the order of the menu. */
const DASHBOARDS: Readonly<Record<DashboardId, (queries: Queries) => Dashboard>> = {
  overview,
  deploys,
  stalls: stallsAndTelemetry,
  queues: queuesPoolsAndThreads,
  functions: tracedFunctions,
  'service-level': serviceLevel,
};

/** A dashboard and its file, relative to `grafana/dashboards`. */
export interface NamedDashboard {
  readonly id: DashboardId;
  readonly set: MetricSet;
  readonly file: string;
  readonly dashboard: Dashboard;
}

export function allDashboards(): readonly NamedDashboard[] {
  return Object.values(METRIC_SETS).flatMap((set) =>
    Object.entries(DASHBOARDS).map(([id, describe]) => ({
      id: id as DashboardId,
      set,
      file: `${set.id}/${id}.json`,
      dashboard: describe(createQueries(set)),
    })),
  );
}
