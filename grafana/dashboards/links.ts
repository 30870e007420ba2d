// Links to the same dashboard with less in it, and to the others of Loopsight.
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { MetricSet, MetricSetId } from '../sets.js';
import { LABELS } from './labels.js';

/** Every dashboard, as its file and its address name it. */
export type DashboardId = 'overview' | 'deploys' | 'stalls' | 'queues' | 'functions' | 'service-level';

/** Grafana takes 40 characters for an address. */
const PREFIXES: Readonly<Record<MetricSetId, string>> = {
  loopsight: 'loopsight',
  'opentelemetry-exporter': 'loopsight-otel',
  otlp: 'loopsight-otlp',
};

/** A dashboard's address, which is a promise: alerts and documents link to it. */
export function uidOf(id: DashboardId, set: MetricSet): string {
  return `${PREFIXES[set.id]}-${id}`;
}

/** The tag of the dashboards of a set, and of no other. */
export function tagOf(set: MetricSet): string {
  return PREFIXES[set.id];
}

const VARIABLES = ['datasource', 'job', 'version', 'instance', 'thread'] as const;

/** What a click on a series can narrow the dashboard to. */
export type Narrowing = 'version' | 'instance';

/** A link on a series to the dashboard of that series' version or instance alone; all other choices stay. */
export function narrowTo(variable: Narrowing): DashboardLinkBuilder {
  const value = `__field.labels.${LABELS[variable]}`;
  const kept = VARIABLES.filter((name) => name !== variable).map((name) => `\${${name}:queryparam}`);
  // Versions may hold a plus sign, which an address would turn into a space.
  const narrowed = `var-${variable}=\${${value}:percentencode}`;
  const query = [`\${__url_time_range}`, ...kept, narrowed].join('&');
  return new DashboardLinkBuilder(`Only \${${value}}`).url(`/d/\${__dashboard.uid}?${query}`);
}

/** A menu of the dashboards of the same set. */
export function otherDashboards(set: MetricSet): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Loopsight')
    .type(DashboardLinkType.Dashboards)
    .tags([tagOf(set)])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}
