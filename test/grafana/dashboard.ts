// The committed dashboards, as the tests read them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRIC_SETS, type MetricSet, type MetricSetId } from '../../grafana/sets.js';
import { root } from '../support/instrumented.js';

export interface DatasourceReference {
  readonly type: string;
  readonly uid: string;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: DatasourceReference;
  readonly legendFormat: string;
  readonly instant: boolean;
  readonly exemplar?: boolean;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: DatasourceReference;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly options?: { readonly yAxis?: { readonly unit?: string } };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly color?: { readonly mode: string };
      readonly thresholds?: { readonly steps: readonly { readonly color: string }[] };
    };
    readonly overrides: readonly {
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label: string;
  readonly query: string | { readonly query: string };
  readonly datasource?: DatasourceReference;
  readonly refresh?: number;
  readonly hide?: number;
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue?: string;
  /** What is taken of each answer, between slashes. */
  readonly regex?: string;
  readonly current?: { readonly value: readonly string[] };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly expr: string;
      readonly enable: boolean;
      readonly filter?: unknown;
      readonly useValueForTime?: boolean;
      readonly datasource: DatasourceReference;
    }[];
  };
}

/** A dashboard of a set, and its file relative to `grafana/dashboards`. */
export interface CommittedDashboard {
  readonly set: MetricSet;
  readonly file: string;
  readonly dashboard: Dashboard;
}

const folder = join(root, 'grafana/dashboards');

/** Every dashboard that is committed for a set. */
export function dashboardsOf(set: MetricSet): readonly CommittedDashboard[] {
  return readdirSync(join(folder, set.id))
    .toSorted()
    .map((name) => ({ set, file: join(set.id, name), dashboard: readDashboard(set.id, name) }));
}

/** Every dashboard that is committed. */
export function committedDashboards(): readonly CommittedDashboard[] {
  return Object.values(METRIC_SETS).flatMap(dashboardsOf);
}

export function readDashboard(set: MetricSetId, name: string): Dashboard {
  return JSON.parse(readFileSync(join(folder, set, name), 'utf8')) as Dashboard;
}

/** Panels that show something; the others are headings. */
export function chartsOf(dashboard: Dashboard): readonly Panel[] {
  return dashboard.panels.filter((panel) => panel.type !== 'row');
}

/** What a variable's `label_values(selector, label)` asks for. */
export function labelQueryOf(variable: Variable): { readonly selector: string; readonly label: string } | undefined {
  if (typeof variable.query === 'string') return undefined;
  const [, selector, label] = variable.query.query.match(/^label_values\((.*), (\w+)\)$/) ?? [];
  return selector === undefined || label === undefined ? undefined : { selector, label };
}

/** What a variable's `query_result(…)` asks for. */
export function answerQueryOf(variable: Variable): string | undefined {
  if (typeof variable.query === 'string') return undefined;
  return variable.query.query.match(/^query_result\((.*)\)$/)?.[1];
}

/** Every expression of PromQL in the dashboard, by where it stands. */
export function expressionsOf(dashboard: Dashboard): ReadonlyMap<string, string> {
  const expressions = new Map<string, string>();
  for (const panel of chartsOf(dashboard)) {
    for (const target of panel.targets ?? [])
      expressions.set(`${panel.id} ${panel.title} ${target.refId}`, target.expr);
  }
  for (const annotation of dashboard.annotations.list)
    expressions.set(`annotation ${annotation.name}`, annotation.expr);
  for (const variable of dashboard.templating.list) {
    const expression = labelQueryOf(variable)?.selector ?? answerQueryOf(variable);
    if (expression !== undefined) expressions.set(`variable ${variable.name}`, expression);
  }
  return expressions;
}

/** The expression without what adds the version where the set keeps it in `target_info`. */
export function withoutJoin(expression: string): string {
  return expression.replaceAll(/ \* on \(job, instance\) group_left \(service_version\) \(\(.*?\) \^ 0\)/g, '');
}

/** The expression without the values of counters that appeared, which are no growth and stand beside it. */
export function withoutAppeared(expression: string): string {
  return expression
    .replaceAll(/ or label_replace\(\(*min_over_time\(.*?, "appeared", "1", "", ""\)/g, '')
    .replaceAll(APPEARED_BETWEEN_POINTS, '');
}

const APPEARED_BETWEEN_POINTS =
  /\(\(?\w+\{[^}]*\} unless \w+\{[^}]*\} offset \$__rate_interval unless on .*?\) (?:\/ \(\$__rate_interval_ms \/ 1000\) )?or (?=\(?(?:rate|increase)\()/g;

/** The expression without what only says which processes count. */
export function withoutFound(expression: string): string {
  return expression.replaceAll(
    / unless on \([^()]*\) \((?:min_over_time\([^()]*\)|\w+\{[^}]*\}) > \$__\w+(?: \/ 1000)? unless (?:last_over_time\([^()]*\)|\w+\{[^}]*\} offset \$__rate_interval)\)/g,
    '',
  );
}

export interface Selector {
  readonly name: string;
  /** What stands between the braces. */
  readonly matchers: string;
  /** What stands between the brackets; undefined without them. */
  readonly range: string | undefined;
  /** The function that it stands directly in. */
  readonly inside: string | undefined;
}

const OPERATORS = ['and', 'or', 'unless', 'bool'];

/** The selectors of an expression, in their order. */
export function selectorsOf(expression: string): readonly Selector[] {
  const selectors: Selector[] = [];
  let inside: string | undefined;
  const text = expression
    .replaceAll(/\b(?:by|on|ignoring|group_left|group_right) \([^)]*\)/g, '')
    .replaceAll(/\boffset [\w${}]+/g, '')
    // What `label_replace` writes and reads; matchers have no string behind a comma.
    .replaceAll(/, "[^"]*"/g, '');
  for (const [, name = '', opened, matchers = '', range] of text.matchAll(
    /(?<![\w$.])([a-zA-Z_:][\w:]*)\s*(?:(\()|\{([^}]*)\})?(?:\[([^\]]*)\])?/g,
  )) {
    if (opened !== undefined) inside = name;
    else if (!OPERATORS.includes(name)) {
      selectors.push({ name, matchers, range, inside });
      inside = undefined;
    }
  }
  return selectors;
}

/** What an expression groups by, and what stands in the parentheses behind that. */
export function groupingsOf(
  expression: string,
): readonly { readonly labels: readonly string[]; readonly of: string }[] {
  return [...expression.matchAll(/\bby \(([^)]*)\) \(/g)].map((match) => {
    const from = match.index + match[0].length;
    let depth = 1;
    let to = from;
    for (; depth > 0 && to < expression.length; to++) depth += { '(': 1, ')': -1 }[expression[to] ?? ''] ?? 0;
    return { labels: (match[1] ?? '').split(', '), of: expression.slice(from, to - 1) };
  });
}
