// Unit tests for promtool, made from the table of cases: each alert fires once, and stays silent under what it must bear.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALERTS } from '../../../grafana/alerts/alerts.js';
import { PANELS } from '../../../grafana/alerts/panels.js';
import type { RuleOptions } from '../../../grafana/rules/options.js';
import { createRuleGroups, renderGroups } from '../../../grafana/rules/render.js';
import type { AlertingRule, RuleGroup } from '../../../grafana/rules/rule.js';
import type { MetricSet } from '../../../grafana/sets.js';
import { METRICS } from '../../../src/metric-names.js';
import { ALERT_CASES, type AlertCase } from './alert-cases.js';
import { FURTHER_CASES, type FurtherCase } from './further-cases.js';
import { createSeriesBuilder, type InputSeries, type SeriesBuilder } from './input-series.js';

/** Why an alert must not fire; `fires` where it must. */
export type Situation = string;

export interface UnitTest {
  readonly alert: string;
  readonly situation: Situation;
  readonly test: object;
}

export const OPTIONS: Partial<RuleOptions> = { sloObjective: 0.999 };
const UID_PREFIXES = { loopsight: 'loopsight', 'opentelemetry-exporter': 'loopsight-otel', otlp: 'loopsight-otlp' };
const REQUESTS_PER_S = { normal: 10, quiet: 0.005 };

/** The rules that promtool is given, by the name of their alert. */
export function alertingRules(groups: readonly RuleGroup[]): ReadonlyMap<string, AlertingRule> {
  const rules = groups.flatMap((group) => group.rules);
  return new Map(rules.flatMap((rule) => ('alert' in rule ? [[rule.alert, rule] as const] : [])));
}

/** Every unit test of a set's alerts. */
export function unitTests(set: MetricSet): readonly UnitTest[] {
  const rules = alertingRules(createRuleGroups(set, OPTIONS).alerts);
  const fromTable = ALERT_CASES.flatMap((entry) => {
    const rule = rules.get(entry.alert);
    return rule === undefined ? [] : testsOf(entry, rule, set);
  });
  const further = FURTHER_CASES.filter(({ onlyOurs }) => onlyOurs !== true || set.id === 'loopsight');
  return [...fromTable, ...further.map((entry) => furtherTest(entry, set))];
}

function furtherTest({ alert, title, series, at, fires }: FurtherCase, set: MetricSet): UnitTest {
  const build = createSeriesBuilder(set);
  const expected = fires === undefined ? [] : [expectedAlert({ alert, ...fires }, set)];
  return unitTest(alert, title, series(build), build, { minute: at, expected });
}

function unitTest(
  alert: string,
  situation: Situation,
  series: readonly InputSeries[],
  build: SeriesBuilder,
  {
    minute,
    perS = REQUESTS_PER_S.normal,
    expected = [],
  }: { minute: number; perS?: number; expected?: readonly object[] },
): UnitTest {
  const requests = build.counter(METRICS.httpServerRequestDuration, perS, {}, '_count');
  return {
    alert,
    situation,
    test: {
      name: `${alert}: ${situation}`,
      interval: '1m',
      input_series: [...series, requests],
      alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: expected }],
    },
  };
}

function testsOf(entry: AlertCase, rule: AlertingRule, set: MetricSet): readonly UnitTest[] {
  const build = createSeriesBuilder(set);
  const { alert, at, early } = entry;
  const firing = entry.series(build, { level: 'above', thread: 'main' });
  const make = (
    situation: Situation,
    series: readonly InputSeries[],
    options: { readonly minute?: number; readonly perS?: number; readonly expected?: readonly object[] } = {},
  ) => unitTest(alert, situation, series, build, { minute: at, ...options });
  const tests = [
    make('fires', firing, { expected: [expectedAlert(entry, set)] }),
    make('below the bound', entry.series(build, { level: 'below', thread: 'main' })),
  ];
  if (early !== undefined) tests.push(make('not for long enough', firing, { minute: early }));
  if (
    rule.expr.includes('thread_name="main"') &&
    alert !== 'LoopsightTelemetryMissing' &&
    alert !== 'LoopsightRegression'
  ) {
    tests.push(make('another thread', entry.series(build, { level: 'above', thread: 'renderer' })));
  }
  if (rule.expr.includes(':rate1h')) tests.push(make('a quiet job', firing, { perS: REQUESTS_PER_S.quiet }));
  for (const [situation, series] of Object.entries(entry.silent ?? {})) tests.push(make(situation, series(build)));
  return tests;
}

function expectedAlert(
  { alert: name, labels, summary }: Pick<AlertCase, 'alert' | 'labels' | 'summary'>,
  set: MetricSet,
): object {
  const definition = ALERTS.find((alert) => alert.name === name);
  if (definition === undefined) throw new Error(`There is no alert ${name}`);
  const { dashboard, id } = PANELS[definition.panel];
  const narrowed = ['job', 'instance'].flatMap((label) => {
    const value = labels[label];
    return value === undefined ? [] : [`&var-${label}=${encodeURIComponent(value)}`];
  });
  return {
    exp_labels: { ...labels, severity: definition.severity },
    exp_annotations: {
      summary,
      description: definition.description,
      runbook: `docs/runbooks/${definition.runbook}.md`,
      dashboard_url: `/d/${UID_PREFIXES[set.id]}-${dashboard}?viewPanel=panel-${id}${narrowed.join('')}`,
    },
  };
}

/** What is wrong with the rules on purpose. */
export interface Flaw {
  readonly options?: Partial<RuleOptions>;
  readonly change?: (rule: AlertingRule) => AlertingRule;
}

export interface PromtoolResult {
  readonly passed: boolean;
  readonly output: string;
  /** Names of the tests that failed. */
  readonly failed: ReadonlySet<string>;
}

/** Runs `tests` with `promtool test rules`. */
export async function runPromtool(
  promtool: string,
  set: MetricSet,
  tests: readonly UnitTest[],
  { options = {}, change = (rule) => rule }: Flaw = {},
): Promise<PromtoolResult> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-promtool-'));
  try {
    const { recording, alerts } = createRuleGroups(set, { ...OPTIONS, ...options });
    const files = [...alertingRules(alerts).values()].flatMap((rule) => {
      const own = tests.filter(({ alert }) => alert === rule.alert);
      if (own.length === 0) return [];
      const rules = [{ name: 'alert', rules: [change(rule)] }];
      writeFileSync(join(folder, `${rule.alert}.rules.yml`), renderGroups([...readBy(rule, recording), ...rules]));
      // JSON is YAML.
      const content = {
        rule_files: [`${rule.alert}.rules.yml`],
        evaluation_interval: '1m',
        tests: own.map(({ test }) => test),
      };
      const file = join(folder, `${rule.alert}.tests.yml`);
      writeFileSync(file, JSON.stringify(content));
      return [file];
    });
    const { passed, output } = await new Promise<{ passed: boolean; output: string }>((resolve) => {
      execFile(promtool, ['test', 'rules', ...files], { maxBuffer: 64e6 }, (error, stdout, stderr) =>
        resolve({ passed: error === null, output: `${stdout}${stderr}` }),
      );
    });
    const failed = [...output.matchAll(/^ *name: (Loopsight\w+: .+),$/gm)].map(([, name = '']) => name);
    return { passed, output, failed: new Set(failed) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As promtool names a test. */
export function nameOfTest({ alert, situation }: UnitTest): string {
  return `${alert}: ${situation}`;
}

/** The recording rules that an alert reads, and those that these read: all of them in every test would take a minute. */
function readBy(rule: AlertingRule, groups: readonly RuleGroup[]): readonly RuleGroup[] {
  const all = groups.flatMap((group) => group.rules);
  const needed = new Set<string>();
  const look = (expr: string) => {
    for (const other of all) {
      if (!('record' in other) || needed.has(other.record) || !new RegExp(`${other.record}\\b`).test(expr)) continue;
      needed.add(other.record);
      look(other.expr);
    }
  };
  look(rule.expr);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((each) => 'record' in each && needed.has(each.record)) }))
    .filter((group) => group.rules.length > 0);
}
