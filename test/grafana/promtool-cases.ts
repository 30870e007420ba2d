// Expressions of dashboards, evaluated by promtool over made series.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirePrometheus3, requireTool } from '../support/external-tools.js';
import { type Choice, substitute } from './answers.js';
import { answerQueryOf, chartsOf, type Dashboard } from './dashboard.js';

/** Series, as promtool writes their values: one a minute. */
export type Series = Readonly<Record<string, string>>;

export interface Case {
  readonly name: string;
  readonly series: Series;
  readonly expr: string;
  readonly at: string;
  /** Values by labels. */
  readonly gives: Readonly<Record<string, number>>;
}

const ALL: Choice = { job: '.+', instance: '.*', version: '.*', thread: '.*' };

/** Two tests, with Debian's Prometheus and with Prometheus 3; `ruleFiles` are evaluated once a minute. */
export function testCases(what: string, cases: readonly Case[], ruleFiles: readonly string[] = []): void {
  test(what, (t) => {
    if (requireTool(t, 'promtool', 'prometheus')) evaluate('promtool', cases, ruleFiles);
  });
  test(`${what}, also to Prometheus 3, whose ranges are open to the left`, (t) => {
    const folder = requirePrometheus3(t);
    if (folder !== undefined) evaluate(join(folder, 'promtool'), cases, ruleFiles);
  });
}

/** The expression with these values of its variables, and all of the others. */
export function chosen(expr: string, choice: Choice): string {
  return substitute(expr, choice, { rateInterval: '2m', interval: '1m', range: '20m' });
}

export function queryOf(dashboard: Dashboard, id: number, index = 0): string {
  const target = chartsOf(dashboard).find((panel) => panel.id === id)?.targets?.[index];
  assert.ok(target !== undefined, `There is no query ${index} of panel ${id}`);
  return target.expr;
}

export function answerOf(dashboard: Dashboard, name: string): string {
  const variable = dashboard.templating.list.find((entry) => entry.name === name);
  const answer = variable === undefined ? undefined : answerQueryOf(variable);
  assert.ok(answer !== undefined, `There is no query for ${name}`);
  return answer;
}

export function markersOf(dashboard: Dashboard, name: string): string {
  const annotation = dashboard.annotations.list.find((entry) => entry.name === name);
  assert.ok(annotation !== undefined, name);
  return annotation.expr;
}

function evaluate(promtool: string, cases: readonly Case[], ruleFiles: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-expressions-'));
  try {
    const file = join(folder, 'cases.yml');
    // JSON is YAML.
    writeFileSync(
      file,
      JSON.stringify({ rule_files: ruleFiles, evaluation_interval: '1m', tests: cases.map(asPromtoolTest) }),
    );
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asPromtoolTest({ name, series, expr, at, gives }: Case) {
  return {
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    promql_expr_test: [
      {
        expr: chosen(expr, ALL),
        eval_time: at,
        exp_samples: Object.entries(gives).map(([labels, value]) => ({ labels, value })),
      },
    ],
  };
}
