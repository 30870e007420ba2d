// The variables at the top of the dashboard.
import {
  CustomVariableBuilder,
  type DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS } from '../../src/metric-names.js';
import { DATASOURCE } from './datasource.js';
import { LABELS } from './labels.js';
import type { Queries } from './queries.js';
import { TARGET_INFO } from './version-join.js';

/** A choice among the values that a label has. */
export interface LabelVariable {
  readonly name: string;
  readonly label: string;
  /** The selector of the series that have it. */
  readonly of: string;
  readonly labelName: string;
  /** What "All" matches: `.+` wants the label, `.*` also takes series without it. */
  readonly allValue: '.+' | '.*';
  /** What is chosen at first. @default everything */
  readonly initially?: string;
}

/** A choice among the lines of a query's answer, in their order: the first one is chosen at first. */
export interface AnswerVariable {
  readonly name: string;
  readonly label: string;
  readonly answer: string;
  /** Its first group is the value; lines look like `{label="value"} 1 1700000000000`. */
  readonly regex: string;
  /** Whether it is only there for queries. @default false */
  readonly hidden?: boolean;
}

/** A choice among a few values that are known beforehand. */
export interface ChoiceVariable {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly string[];
  /** What is chosen at first. */
  readonly initially: string;
}

const JOB = 'job=~"$job"';

export function addVariables(
  dashboard: DashboardBuilder,
  queries: Queries,
  more: readonly (LabelVariable | AnswerVariable | ChoiceVariable)[],
): void {
  const { set, nameOf } = queries;
  const carrier = set.version === 'label' ? nameOf(METRICS.processUptime) : TARGET_INFO;
  const variables: readonly LabelVariable[] = [
    // Every process that runs Loopsight has lag, and no other has.
    { name: 'job', label: 'Job', of: nameOf(METRICS.eventLoopLag, '_count'), labelName: LABELS.job, allValue: '.+' },
    // A process that names no version has no such label, and is shown by "All" all the same.
    { name: 'version', label: 'Version', of: `${carrier}{${JOB}}`, labelName: LABELS.version, allValue: '.*' },
    {
      name: 'instance',
      label: 'Instance',
      of: `${carrier}{${JOB}, ${LABELS.version}=~"$version"}`,
      labelName: LABELS.instance,
      // Who pushes without a `service.instance.id` has no such label.
      allValue: set.id === 'otlp' ? '.*' : '.+',
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
  for (const variable of [...variables, ...more]) {
    if ('choices' in variable) dashboard.withVariable(choiceVariable(variable));
    else dashboard.withVariable('answer' in variable ? answerVariable(variable) : labelVariable(variable));
  }
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

function choiceVariable({ name, label, choices, initially }: ChoiceVariable): CustomVariableBuilder {
  return new CustomVariableBuilder(name)
    .label(label)
    .values(choices.join(','))
    .multi(false)
    .includeAll(false)
    .current({ selected: true, text: initially, value: initially });
}

// Several can be chosen, although one is meant: only then does Grafana escape the value for a regular expression.
function answerVariable({ name, label, answer, regex, hidden = false }: AnswerVariable): QueryVariableBuilder {
  const query = `query_result(${answer})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .regex(regex)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled)
    .hide(hidden ? VariableHide.HideVariable : VariableHide.DontHide)
    .multi(!hidden)
    .includeAll(false);
}
