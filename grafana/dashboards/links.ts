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
export function narrowTo(choice: Narrowing): DashboardLinkBuilder {
  const kept = VARIABLES.filter((name) => name !== choice);
  const title = `Only ${variable(`__field.labels.${LABELS[choice]}`)}`;
  return new DashboardLinkBuilder(title).url(address(THIS, kept, ofLabel(choice)));
}

/** A link to another dashboard of the set; all choices stay. `more` is further variables that a series has labels for. */
export function linkTo(
  title: string,
  id: DashboardId,
  set: MetricSet,
  ...more: readonly (keyof typeof LABELS)[]
): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).url(address(uidOf(id, set), VARIABLES, ...more.map(ofLabel)));
}

/** A link to a panel of the same dashboard, in full size. */
export function linkToPanel(title: string, id: number): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).url(address(THIS, VARIABLES, `viewPanel=panel-${id}`));
}

/** Variables of Grafana's own, where a link is. */
const THIS = variable('__dashboard.uid');
const TIME_RANGE = variable('__url_time_range');

function variable(name: string): string {
  return `\${${name}}`;
}

function address(uid: string, kept: readonly string[], ...more: readonly string[]): string {
  return `/d/${uid}?${[TIME_RANGE, ...kept.map((name) => variable(`${name}:queryparam`)), ...more].join('&')}`;
}

/** Versions may hold a plus sign, which an address would turn into a space. */
function ofLabel(label: keyof typeof LABELS): string {
  return `var-${label}=${variable(`__field.labels.${LABELS[label]}:percentencode`)}`;
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
