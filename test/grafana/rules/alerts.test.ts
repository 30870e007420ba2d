// Each alert fires for what it is there for, and for nothing else: promtool's unit tests, and whether these can fail.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALERTS } from '../../../grafana/alerts/alerts.js';
import type { RuleOptions } from '../../../grafana/rules/options.js';
import { resolveRuleOptions } from '../../../grafana/rules/options.js';
import { createRuleGroups } from '../../../grafana/rules/render.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { requirePrometheus3, requireTool } from '../../support/external-tools.js';
import { alertingRules, type Flaw, nameOfTest, OPTIONS, runPromtool, type UnitTest, unitTests } from './unit-tests.js';

const { loopsight, ...others } = METRIC_SETS;
const all = unitTests(loopsight);
const of = (...situations: readonly string[]) => all.filter(({ situation }) => situations.includes(situation));

test('every alert has a case that fires and two that do not', () => {
  for (const { name } of ALERTS) {
    const own = all.filter(({ alert }) => alert === name);
    assert.equal(own.filter(({ situation }) => situation === 'fires').length, 1, name);
    assert.ok(own.length >= 3, `${name} has ${own.map(({ situation }) => situation)}`);
  }
});

test('alerts fire for what they should, and for nothing else, in Prometheus 2', async (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const { passed, output } = await runPromtool('promtool', loopsight, all);
  assert.ok(passed, output);
});

test('and in Prometheus 3', async (t) => {
  const folder = requirePrometheus3(t);
  if (folder === undefined) return;
  const { passed, output } = await runPromtool(join(folder, 'promtool'), loopsight, all);
  assert.ok(passed, output);
});

for (const set of Object.values(others)) {
  test(`so do those for ${set.title}`, async (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    const tests = unitTests(set);
    assert.ok(tests.length >= 5 * 15, `${tests.length}`);
    const { passed, output } = await runPromtool('promtool', set, tests);
    assert.ok(passed, output);
  });
}

test('a job that must report and never did is named, also where matchers are of its label', async (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const options: Partial<RuleOptions> = { jobs: ['mail', 'pay$1'], matchers: 'job!~"batch-.*", job!="x"' };
  const rule = alertingRules(createRuleGroups(loopsight, { ...OPTIONS, ...options }).alerts).get(
    'LoopsightTelemetryMissing',
  );
  assert.ok(rule !== undefined);
  const { runbook, description } = rule.annotations;
  const missing = (job: string) => ({
    exp_labels: { job, severity: 'ticket' },
    exp_annotations: {
      summary: `Nothing is known of the event loops of ${job}: its metrics are missing.`,
      description,
      runbook,
      dashboard_url: `/d/loopsight-stalls?viewPanel=panel-905&var-job=${encodeURIComponent(job)}`,
    },
  });
  const { output, passed } = await runPromtool(
    'promtool',
    loopsight,
    [
      {
        alert: rule.alert,
        situation: 'jobs',
        test: {
          interval: '1m',
          input_series: [{ series: 'up{job="other"}', values: '1x60' }],
          alert_rule_test: [
            { eval_time: '20m', alertname: rule.alert, exp_alerts: [missing('mail'), missing('pay$1')] },
          ],
        },
      },
    ],
    { options },
  );
  assert.ok(passed, output);
});

const defaults = resolveRuleOptions();
const halved = Object.fromEntries(
  Object.entries(defaults).flatMap(([name, value]) => {
    if (typeof value !== 'number' || ['minimumRequestsPerHour', 'shorten', 'regressionFactor'].includes(name))
      return [];
    return [[name, name === 'lockHoldS' ? 0.5 : value / 2]];
  }),
) as Partial<RuleOptions>;
/** The bound of these is no number of the options. */
const WITHOUT_BOUND = ['LoopsightTelemetryMissing', 'LoopsightTargetDown', 'LoopsightPaged'];

/** What rules are broken by, and the tests that must notice. */
const FLAWS: Readonly<Record<string, { readonly flaw: Flaw; readonly noticedBy: readonly UnitTest[] }>> = {
  'an alert that never fires': {
    flaw: { change: (rule) => ({ ...rule, expr: 'vector(0) > 1' }) },
    noticedBy: of('fires'),
  },
  'an alert that does not wait': {
    flaw: { change: ({ for: _wait, ...rule }) => rule },
    noticedBy: of('not for long enough'),
  },
  'an alert that looks at every thread': {
    flaw: { change: (rule) => ({ ...rule, expr: rule.expr.replaceAll('thread_name="main"', 'thread_name=~".+"') }) },
    noticedBy: of('another thread'),
  },
  'an alert that ignores how little traffic there is': {
    flaw: { options: { minimumRequestsPerHour: 0 } },
    noticedBy: of('a quiet job'),
  },
  'bounds that are half of what they should be': {
    flaw: { options: { ...halved, sloObjective: 0.9998, sloBoundS: 0.1, slowMomentS: 0.1, regressionFactor: 1.1 } },
    noticedBy: of('below the bound').filter(({ alert }) => !WITHOUT_BOUND.includes(alert)),
  },
  'an alert that ignores its conditions': {
    // Those that are indented stand within the parentheses of an aggregation.
    flaw: {
      change: (rule) => ({
        ...rule,
        expr: rule.expr.replace(/\n( *)(and|unless) [\s\S]*$/, (_, indent: string) => (indent === '' ? '' : '\n)')),
      }),
    },
    // What is left of these is the first condition alone.
    noticedBy: all.filter(({ situation }) =>
      [
        'it is full, and nobody waits for long',
        'it is full, and nobody waits',
        'it is old, and becomes shorter',
      ].includes(situation),
    ),
  },
};

for (const [title, { flaw, noticedBy }] of Object.entries(FLAWS)) {
  test(`the tests notice ${title}`, async (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    assert.ok(noticedBy.length >= 3, `${noticedBy.length} tests`);
    const { failed, output } = await runPromtool('promtool', loopsight, noticedBy, flaw);
    const unnoticed = noticedBy.map(nameOfTest).filter((name) => !failed.has(name));
    assert.deepEqual(unnoticed, [], output);
  });
}
