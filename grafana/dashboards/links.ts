// Links to the same dashboard with less in it, and to the others of Loopsight.
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { LABELS } from './labels.js';

/** The dashboard's address is a promise: alerts and documents link to it. */
export const UID = 'loopsight-overview';

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
  return new DashboardLinkBuilder(`Only \${${value}}`).url(`/d/${UID}?${query}`);
}

/** A menu of the other dashboards that have our tag. */
export function otherDashboards(tag: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Loopsight')
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}
