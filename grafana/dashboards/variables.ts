// The variables at the top of the dashboard.
import {
  type DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../src/metric-names.js';
import { DATASOURCE } from './datasource.js';
import { LABELS } from './labels.js';
import { nameOf } from './queries.js';

interface LabelVariable {
  readonly name: string;
  readonly label: string;
  readonly of: string;
  readonly labelName: string;
  /** What "All" matches: `.+` wants the label, `.*` also takes series without it. */
  readonly allValue: '.+' | '.*';
  /** What is chosen at first. @default everything */
  readonly initially?: string;
}

const JOB = 'job=~"$job"';

export function addVariables(dashboard: DashboardBuilder): void {
  const uptime = nameOf(METRICS.processUptime);
  const variables: readonly LabelVariable[] = [
    // Every process that runs Loopsight has lag, and no other has.
    { name: 'job', label: 'Job', of: nameOf(METRICS.eventLoopLag, '_count'), labelName: LABELS.job, allValue: '.+' },
    // A process that names no version has no such label, and is shown by "All" all the same.
    { name: 'version', label: 'Version', of: `${uptime}{${JOB}}`, labelName: LABELS.version, allValue: '.*' },
    {
      name: 'instance',
      label: 'Instance',
      of: `${uptime}{${JOB}, ${LABELS.version}=~"$version"}`,
      labelName: LABELS.instance,
      allValue: '.+',
    },
    {
      name: 'thread',
      label: 'Thread',
      of: `${nameOf(METRICS.eventLoopUtilization)}{${JOB}, instance=~"$instance"}`,
      labelName: LABELS.thread,
      allValue: '.*',
      // Worker threads are there to compute: their lag, beside that of a main thread, would only look like trouble.
      initially: 'main',
    },
  ];
  dashboard.withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const variable of variables) dashboard.withVariable(labelVariable(variable));
}

function labelVariable({ name, label, of, labelName, allValue, initially }: LabelVariable): QueryVariableBuilder {
  const query = `label_values(${of}, ${labelName})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current({ selected: true, text: [initially ?? 'All'], value: [initially ?? '$__all'] });
}
