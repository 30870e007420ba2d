// One file of promtool's unit tests, made from data and run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderGroups } from '../../../grafana/rules/render.js';
import type { RuleGroup } from '../../../grafana/rules/rule.js';
import type { InputSeries } from './input-series.js';

/** Series, one value a minute, and what expressions are to be of them. */
interface ExpressionTest {
  readonly input_series: readonly InputSeries[];
  readonly promql_expr_test: readonly {
    readonly expr: string;
    readonly eval_time: string;
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
}

/** Tests expressions, of what `groups` record as well; the output of promtool where one is something else. */
export function failureOf(test: ExpressionTest, groups: readonly RuleGroup[] = []): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-promtool-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), renderGroups(groups));
    const content = { rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [{ interval: '1m', ...test }] };
    // JSON is YAML.
    writeFileSync(join(folder, 'tests.yml'), JSON.stringify(content));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(folder, 'tests.yml')], {
      encoding: 'utf8',
    });
    return status === 0 ? undefined : `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
