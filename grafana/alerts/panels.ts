// The panels that alerts link to, by what they show. A test looks for each in the committed dashboards.
import type { MetricSet, MetricSetId } from '../sets.js';

/** How the addresses of a set's dashboards begin; as in grafana/dashboards/links.ts, which the command cannot load. */
const UID_PREFIXES: Readonly<Record<MetricSetId, string>> = {
  loopsight: 'loopsight',
  'opentelemetry-exporter': 'loopsight-otel',
  otlp: 'loopsight-otlp',
};

/** Dashboard (its uid less that of its set), id and title of the panel. */
export const PANELS = {
  lagByInstance: { dashboard: 'overview', id: 202, title: 'Lag by instance, worst five' },
  blocked: { dashboard: 'overview', id: 204, title: 'Blocked at the scrape, worst five' },
  utilization: { dashboard: 'overview', id: 205, title: 'Utilization, busiest five' },
  garbageCollection: {
    dashboard: 'overview',
    id: 701,
    title: 'Time in garbage collection by type, worst thread',
  },
  throttled: { dashboard: 'overview', id: 803, title: 'Throttled, worst five' },
  stalls: { dashboard: 'stalls', id: 1102, title: 'Time in stalls by code, most five' },
  spinning: { dashboard: 'stalls', id: 1108, title: 'Spinning by code, most five' },
  figures: { dashboard: 'stalls', id: 901, title: 'Age of the figures, oldest five' },
  instances: { dashboard: 'stalls', id: 905, title: 'Instances by version' },
  queueAge: { dashboard: 'queues', id: 402, title: 'Age of the oldest task' },
  connectionsInUse: { dashboard: 'queues', id: 2501, title: 'Connections in use' },
  longestHold: { dashboard: 'queues', id: 2703, title: 'Longest hold right now' },
  threadPoolWork: { dashboard: 'queues', id: 2802, title: 'Tasks that wait, by kind of work' },
  queueSaturation: { dashboard: 'queues', id: 404, title: 'Saturation' },
  workers: { dashboard: 'queues', id: 602, title: 'Utilization of workers, busiest five' },
  burnRate: { dashboard: 'service-level', id: 2205, title: 'Burn rate' },
  versions: { dashboard: 'deploys', id: 2001, title: 'Active loop time per request, both versions' },
} as const;

export type PanelName = keyof typeof PANELS;

/** Labels of an alert that the dashboards have a variable for. */
const NARROWING = ['job', 'instance'] as const;

/** The address of a panel, narrowed to the job and, where the alert has one, the instance: a template of Prometheus. */
export function panelUrl(set: MetricSet, grafanaUrl: string, name: PanelName): string {
  const { dashboard, id } = PANELS[name];
  const narrowed = NARROWING.map((label) => `{{ with $labels.${label} }}&var-${label}={{ . | urlquery }}{{ end }}`);
  return `${grafanaUrl}/d/${UID_PREFIXES[set.id]}-${dashboard}?viewPanel=panel-${id}${narrowed.join('')}`;
}
