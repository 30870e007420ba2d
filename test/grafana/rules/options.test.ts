// Options of rules: what is wrong is one sentence that quotes option, bound and value; what is right is in the rules.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULE_OPTIONS, type RuleOptions, resolveRuleOptions } from '../../../grafana/rules/options.js';
import { createRuleGroups, renderRuleFiles } from '../../../grafana/rules/render.js';
import { METRIC_SETS } from '../../../grafana/sets.js';
import { METRICS, type MetricDefinition } from '../../../src/metric-names.js';
import { requireTool } from '../../support/external-tools.js';

const set = METRIC_SETS.loopsight;

/** What is given, and what the sentence says; a value of any type, as it may come from JavaScript. */
const WRONG: readonly (readonly [given: Record<string, unknown>, sentence: string])[] = [
  [{ lagS: '1' }, 'Expected `lagS` to be a number from 0.001 to 30, got "1" (string)'],
  [{ lagS: 0 }, 'Expected `lagS` to be a number from 0.001 to 30, got `0` (number)'],
  [{ utilization: 1.1 }, 'Expected `utilization` to be a number from 0.0001 to 1, got `1.1` (number)'],
  [
    { sloBoundS: 1 },
    'Expected `sloBoundS` to be one of the bucket bounds 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.5, got `1` (number)',
  ],
  [{ sloObjective: 99.9 }, 'Expected `sloObjective` to be a number from 0.5 to 0.99999, got `99.9` (number)'],
  [
    { labels: ['job'] },
    'Expected `labels` to be names of labels other than job, instance, process, service_version, thread_name, le, alertname and severity, got "job" (string)',
  ],
  [
    { labels: ['a-b'] },
    'Expected `labels` to be names of labels other than job, instance, process, service_version, thread_name, le, alertname and severity, got "a-b" (string)',
  ],
  [
    { labels: ['service_version'] },
    'Expected `labels` to be names of labels other than job, instance, process, service_version, thread_name, le, alertname and severity, got "service_version" (string)',
  ],
  [{ labels: 'namespace' }, 'Expected `labels` to be an array of names, got "namespace" (string)'],
  [
    { matchers: 'job=shop' },
    'Expected `matchers` to be label matchers such as `namespace="shop", job!~"batch-.*"`, got "job=shop" (string)',
  ],
  [
    { grafanaUrl: 'grafana' },
    'Expected `grafanaUrl` to be an http or https address without a query, got "grafana" (string)',
  ],
  [
    { runbookUrl: 'ftp://x/' },
    'Expected `runbookUrl` to be an http or https address without a query, got "ftp://x/" (string)',
  ],
  [{ jobs: ['a"b'] }, 'Expected `jobs` to be names of jobs without quotes, got "a"b" (string)'],
  [
    { forS: { LoopsightLagHigh: -1 } },
    'Expected `forS["LoopsightLagHigh"]` to be a number from 0 to 604800, got `-1` (number)',
  ],
  [{ blockedS: 30 }, 'Expected `blockedS` to be less than `blockedPageS` (30), got 30'],
];

test('a value that is not allowed is one sentence', () => {
  for (const [given, sentence] of WRONG) {
    assert.throws(() => createRuleGroups(set, given as Partial<RuleOptions>), new TypeError(sentence));
  }
});

test('so are options and alerts that do not exist', () => {
  const unknown = { lagMs: 1 } as Partial<RuleOptions>;
  assert.throws(() => createRuleGroups(set, unknown), /^TypeError: Expected options of rules to be .*, got "lagMs"$/);
  for (const given of [{ without: ['LoopsightLag'] }, { forS: { LoopsightLag: 1 } }]) {
    assert.throws(
      () => createRuleGroups(set, given),
      /^TypeError: Expected `(without|forS)` to name .*"LoopsightLag"$/,
    );
  }
});

test('every default is allowed, and means what it would mean if it were given', () => {
  const { sloObjective: _none, intervalS: _global, ...defaults } = resolveRuleOptions();
  assert.deepEqual(createRuleGroups(set, defaults), createRuleGroups(set));
  for (const { meaning } of Object.values(RULE_OPTIONS)) assert.match(meaning, /^[A-Z`p].*\.$/);
});

test('texts of the command line become the same values', () => {
  assert.equal(RULE_OPTIONS.sloBoundS.kind.parse('0.25', 'slo-bound-s'), 0.25);
  assert.throws(() => RULE_OPTIONS.sloBoundS.kind.parse('', 'slo-bound-s'), /got ""/);
  assert.deepEqual(RULE_OPTIONS.labels.kind.parse('namespace, cluster', 'labels'), ['namespace', 'cluster']);
  assert.deepEqual(RULE_OPTIONS.forS.kind.parse('LoopsightLagHigh=60', 'for-s'), { LoopsightLagHigh: 60 });
  assert.equal(RULE_OPTIONS.matchers.kind.parse('env="a,b", job!~"x|y"', 'matchers'), 'env="a,b", job!~"x|y"');
});

test('options reach the rules, and promtool takes what they make', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const options: Partial<RuleOptions> = {
    labels: ['namespace', 'cluster'],
    matchers: 'env="prod", job!~"batch-.*"',
    jobs: ['checkout', 'mail'],
    without: ['LoopsightLockHeld'],
    forS: { LoopsightStarved: 0, LoopsightLagHigh: 90 },
    sloObjective: 0.99,
    sloBoundS: 0.25,
    grafanaUrl: 'https://grafana.example.com/',
    runbookUrl: 'https://wiki.example.com/runbooks',
    intervalS: 30,
    shorten: 7,
  };
  for (const each of Object.values(METRIC_SETS)) {
    const folder = mkdtempSync(join(tmpdir(), 'loopsight-options-'));
    try {
      const files = [...renderRuleFiles(each, options)].filter(([name]) => name.startsWith(each.id));
      for (const [name, text] of files) writeFileSync(join(folder, name), text);
      const paths = files.map(([name]) => join(folder, name));
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', ...paths], { encoding: 'utf8' });
      assert.equal(status, 0, `${each.id}: ${stdout}${stderr}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const { recording, alerts } = createRuleGroups(set, options);
  const all = [...recording, ...alerts];
  assert.ok(all.every(({ interval }) => interval === '30s'));
  const rules = new Map(
    all.flatMap((group) => group.rules.map((rule) => ['alert' in rule ? rule.alert : rule.record, rule])),
  );
  assert.equal(rules.has('LoopsightLockHeld'), false);
  const starved = rules.get('LoopsightStarved');
  assert.ok(starved !== undefined && 'alert' in starved);
  assert.equal(starved.for, undefined);
  assert.match(starved.expr, /sum by \(job, namespace, cluster, instance, process\)/);
  assert.match(starved.expr, /env="prod", job!~"batch-\.\*", thread_name="main"/);
  assert.equal(starved.annotations.runbook_url, 'https://wiki.example.com/runbooks/starved.md');
  assert.match(starved.annotations.dashboard_url ?? '', /^https:\/\/grafana\.example\.com\/d\/loopsight-overview\?/);
  assert.match(
    rules.get('LoopsightTelemetryMissing')?.expr ?? '',
    /or label_replace\(absent\(.*job="mail"\}\), "job", "mail"/,
  );
  assert.match(rules.get('job:loopsight_eventloop_lag_slow:rate5m')?.expr ?? '', /le="0\.25"/);
});

test('rules look at nothing but what the matchers select', () => {
  const matchers = 'env="prod", job!~"batch-.*"';
  for (const each of Object.values(METRIC_SETS)) {
    const { recording, alerts } = createRuleGroups(each, { matchers, jobs: ['mail'], sloObjective: 0.99 });
    const scraped = [
      'up',
      ...Object.values<MetricDefinition>(METRICS)
        .filter((metric) => each.has(metric))
        .map((metric) => `${each.nameOf(metric)}(?:_bucket|_sum|_count)?`),
    ];
    const unmatched = new RegExp(
      String.raw`(?<![\w:"])(?:${scraped.join('|')})(?![\w:])(?!\{env="prod", job!~"batch-\.\*")`,
    );
    for (const { expr } of [...recording, ...alerts].flatMap(({ rules }) => rules)) {
      assert.equal(unmatched.exec(expr)?.[0], undefined, expr);
    }
  }
});

test('what summaries ask for is of the same service, also where labels tell services of one name apart', () => {
  const { alerts } = createRuleGroups(set, { labels: ['namespace'] });
  const asking = alerts
    .flatMap(({ rules }) => rules)
    .flatMap((rule) =>
      'alert' in rule && rule.annotations.summary?.includes('query') ? [rule.annotations.summary] : [],
    );
  assert.ok(asking.length >= 4, `${asking.length}`);
  for (const summary of asking) {
    assert.match(summary, /namespace=%\[?\d?\]?q/);
    assert.match(summary, /\$labels\.namespace/);
  }
});

test('Prometheus reads every character of a matcher', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-options-'));
  try {
    const files = renderRuleFiles(set, { matchers: 'team="🚀 Zoë\u2028"', grafanaUrl: 'https://example.com/🚀' });
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    for (const name of ['loopsight.rules.yml', 'loopsight.alerts.yml']) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', join(folder, name)], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout + stderr);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
