// `loopsight rules export`: every option of the generator is a flag, and what is written is what Prometheus takes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { RULE_OPTIONS, type RuleOptions } from '../../grafana/rules/options.js';
import { renderRuleFiles } from '../../grafana/rules/render.js';
import { METRIC_SETS } from '../../grafana/sets.js';
import { requirePrometheus3, requireTool } from '../support/external-tools.js';
import { root } from '../support/instrumented.js';
import { runHere } from '../support/run-here.js';

const alertsPage = readFileSync(join(root, 'docs/alerts.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'loopsight-rules-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let exports = 0;

/** Exports to a folder of its own, and reads what is there then. */
async function exported(...argv: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const target = join(folder, String(++exports));
  const { code, out, error } = await runHere('rules', 'export', target, ...argv);
  assert.equal(code, 0, error);
  const names = readdirSync(target);
  assert.deepEqual(out.trim().split('\n').sort(), names.map((name) => join(target, name)).sort());
  return new Map(names.map((name) => [name, readFileSync(join(target, name), 'utf8')]));
}

/** What each option can be given on the command line, and what it is then. */
const VALUES: { readonly [K in keyof RuleOptions]: readonly [text: string, value: RuleOptions[K]] } = {
  starvedLagS: ['1', 1],
  starvedStalledShare: ['0.4', 0.4],
  blockedPageS: ['60', 60],
  blockedS: ['7.5', 7.5],
  lagS: ['0.2', 0.2],
  utilization: ['0.8', 0.8],
  stalledShare: ['0.1', 0.1],
  spinningShare: ['0.25', 0.25],
  gcShare: ['0.2', 0.2],
  throttledShare: ['0.1', 0.1],
  queueOldestAgeS: ['120', 120],
  poolShare: ['0.9', 0.9],
  poolWaitS: ['2', 2],
  workerUtilization: ['0.9', 0.9],
  threadPoolWaitS: ['0.2', 0.2],
  lockHoldS: ['0.5', 0.5],
  snapshotAgeS: ['90', 90],
  minimumRequestsPerHour: ['0', 0],
  minimumMoments: ['200', 200],
  regressionFactor: ['1.5', 1.5],
  regressionRequests: ['50', 50],
  regressionWarmUpS: ['300', 300],
  slowMomentS: ['0.25', 0.25],
  sloObjective: ['0.99', 0.99],
  sloBoundS: ['0.05', 0.05],
  versionGapS: ['60', 60],
  rememberS: ['43200', 43_200],
  quietS: ['1800', 1800],
  forS: ['LoopsightStarved=120,LoopsightBlocked=60', { LoopsightStarved: 120, LoopsightBlocked: 60 }],
  without: ['LoopsightSpinning, LoopsightStalls', ['LoopsightSpinning', 'LoopsightStalls']],
  jobs: ['checkout,cart', ['checkout', 'cart']],
  labels: ['namespace,cluster', ['namespace', 'cluster']],
  matchers: ['namespace="shop", job!~"batch-.*"', 'namespace="shop", job!~"batch-.*"'],
  grafanaUrl: ['https://grafana.example.com/', 'https://grafana.example.com'],
  runbookUrl: ['https://runbooks.example.com/loopsight', 'https://runbooks.example.com/loopsight'],
  intervalS: ['30', 30],
  shorten: ['60', 60],
};
const flagOf = (name: string) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

describe('loopsight rules export', () => {
  for (const set of Object.values(METRIC_SETS)) {
    it(`writes the rules and alerts of ${set.id} with defaults`, async () => {
      const files = await exported('--set', set.id);
      assert.deepEqual([...files.keys()].sort(), [`${set.id}.alerts.yml`, `${set.id}.rules.yml`]);
      const expected = renderRuleFiles(set);
      for (const [name, text] of files) assert.equal(text, expected.get(name), name);
    });
  }

  it('names its files so that the configuration in the docs loads those of every set, and nothing else', async () => {
    const [, yaml = ''] = /```yaml\n(# \/etc\/prometheus[^`]+)```/.exec(alertsPage) ?? [];
    const { rule_files } = parse(yaml) as { readonly rule_files: readonly string[] };
    const globs = rule_files.map(
      (glob) => new RegExp(`^${glob.replace('loopsight/', '').replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
    );
    for (const set of Object.keys(METRIC_SETS)) {
      const names = [...(await exported('--set', set, '--alertmanager')).keys()];
      const loaded = names.filter((name) => globs.some((glob) => glob.test(name)));
      assert.deepEqual(loaded.sort(), [`${set}.alerts.yml`, `${set}.rules.yml`]);
    }
  });

  it('takes every option of the generator as a flag', async () => {
    assert.deepEqual(Object.keys(VALUES), Object.keys(RULE_OPTIONS));
    const flags = Object.entries(VALUES).map(([name, [text]]) => `${flagOf(name)}=${text}`);
    const files = await exported('--alertmanager', ...flags);
    const options = Object.fromEntries(Object.entries(VALUES).map(([name, [, value]]) => [name, value]));
    const expected = renderRuleFiles(METRIC_SETS.loopsight, options as Partial<RuleOptions>);
    assert.deepEqual(Object.fromEntries(files), Object.fromEntries(expected));
  });

  for (const name of Object.keys(VALUES) as (keyof RuleOptions)[]) {
    it(`passes ${flagOf(name)} on by itself`, async () => {
      const [text, value] = VALUES[name];
      // Bounds of the service level and Grafana's address are nowhere without what they belong to.
      const more = name === 'sloBoundS' ? { sloObjective: 0.999 } : {};
      const flags = Object.entries(more).map(([other, given]) => `${flagOf(other)}=${given}`);
      const files = await exported('--alertmanager', `${flagOf(name)}=${text}`, ...flags);
      const written = Object.fromEntries(files);
      assert.deepEqual(written, Object.fromEntries(renderRuleFiles(METRIC_SETS.loopsight, { ...more, [name]: value })));
      assert.notDeepEqual(written, Object.fromEntries(renderRuleFiles(METRIC_SETS.loopsight, more)), 'changes nothing');
    });
  }

  it('writes what promtool and amtool find right', async (t) => {
    if (!requireTool(t, 'promtool', 'prometheus')) return;
    const newer = requirePrometheus3(t);
    for (const set of Object.keys(METRIC_SETS)) {
      await exported('--set', set, '--alertmanager', '--slo-objective', '0.999', '--labels', 'namespace');
      const target = join(folder, String(exports));
      for (const programs of ['', ...(newer === undefined ? [] : [newer])]) {
        const files = [`${set}.rules.yml`, `${set}.alerts.yml`].map((name) => join(target, name));
        const { status, stdout, stderr } = spawnSync(join(programs, 'promtool'), ['check', 'rules', ...files], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stdout + stderr);
      }
      if (requireTool(t, 'amtool', 'prometheus-alertmanager')) {
        const checked = spawnSync('amtool', ['check-config', join(target, 'alertmanager.yml')], { encoding: 'utf8' });
        assert.equal(checked.status, 0, checked.stdout + checked.stderr);
      }
    }
  });

  it('writes objects for Kubernetes, with rules, dashboards and a kustomization that lists them', async () => {
    const files = await exported(
      '--kubernetes',
      '--namespace=monitoring',
      '--object-label=release=prometheus',
      '--object-label=example.com/team=shop',
      '--lag-s=0.25',
      '--alertmanager',
    );
    const objects = [...files].filter(([name]) => !['alertmanager.yml', 'kustomization.yml'].includes(name));
    const kustomization = parse(files.get('kustomization.yml') ?? '') as { readonly resources: readonly string[] };
    assert.deepEqual([...kustomization.resources].sort(), objects.map(([name]) => name).sort());
    assert.match(files.get('alertmanager.yml') ?? '', /- namespace\n/);
    const rules = files.get('prometheus-rule.yml') ?? '';
    assert.match(rules, /kind: PrometheusRule/);
    assert.match(rules, /by \(job, namespace/);
    assert.match(rules, /> 0\.25\b/);
    assert.equal(objects.filter(([, text]) => text.includes('kind: ConfigMap')).length, 6);
    for (const [name, text] of objects) {
      const { metadata } = parse(text) as { readonly metadata: Readonly<Record<string, Record<string, string>>> };
      assert.equal(metadata.namespace, 'monitoring', name);
      assert.equal(metadata.labels?.release, 'prometheus', name);
      assert.equal(metadata.labels?.['example.com/team'], 'shop', name);
    }
    const namesOf = (texts: ReadonlyMap<string, string>) =>
      [...texts.values()].flatMap((text) => text.match(/^ {2}(?:name: |loopsight.*\.json).*/gm) ?? []);
    const names = namesOf(files);
    assert.equal(names.length, 13);
    const others = namesOf(await exported('--kubernetes', '--set=otlp'));
    assert.equal(others.length, 13);
    assert.deepEqual(
      others.filter((name) => names.includes(name)),
      [],
      'objects of two sets overwrite each other',
    );
    const own = await exported('--kubernetes', '--labels=cluster');
    assert.doesNotMatch(own.get('prometheus-rule.yml') ?? '', /job, namespace/);
  });
});

describe('the arguments of loopsight rules', () => {
  const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /^Expected export, got nothing; see loopsight rules --help\.$/],
    [['write'], /^Expected export, got "write"/],
    [['export'], /^Expected export to have one folder, got 0/],
    [['export', 'a', 'b'], /^Expected export to have one folder, got 2/],
    [
      ['export', 'a', '--starved-lag-s', 'soon'],
      /^Expected `--starved-lag-s` to be a number from 0\.001 to 30, got "soon"/,
    ],
    [['export', 'a', '--utilization=1.5'], /^Expected `--utilization` to be a number from 0\.0001 to 1, got "1\.5"/],
    [
      ['export', 'a', '--slo-bound-s=1'],
      /^Expected `--slo-bound-s` to be one of the bucket bounds 0\.001, .*, got "1"/,
    ],
    [['export', 'a', '--blocked-s=40'], /^Expected `--blocked-s` to be less than `--blocked-page-s` \(30\), got 40/],
    [
      ['export', 'a', '--for-s=LoopsightStarved=x'],
      /^Expected `--for-s\["LoopsightStarved"\]` to be a number from 0 to 604800, got "x"/,
    ],
    [['export', 'a', '--for-s=Starved=1'], /^Expected `--for-s` to name alerts, which are LoopsightStarved, /],
    [
      ['export', 'a', '--without=LoopsightBoredom'],
      /^Expected `--without` to name alerts, which are LoopsightStarved, /,
    ],
    [['export', 'a', '--matchers=job'], /^Expected `--matchers` to be label matchers such as/],
    [
      ['export', 'a', '--labels=job'],
      /^Expected `--labels` to be names of labels other than job, instance, process, service_version, thread_name, le, alertname and severity, got "job"/,
    ],
    [
      ['export', 'a', '--grafana-url=grafana'],
      /^Expected `--grafana-url` to be an http or https address without a query/,
    ],
    [['export', 'a', '--set=mine'], /^Expected `--set` to be one of "loopsight"/],
    [['export', 'a', '--namespace=x'], /^`--namespace` needs `--kubernetes`/],
    [['export', 'a', '--object-label=a=b'], /^`--object-label` needs `--kubernetes`/],
    [
      ['export', 'a', '--kubernetes', '--namespace=A_b'],
      /^Expected `--namespace` to be a name as Kubernetes takes it, got "A_b"/,
    ],
    [
      ['export', 'a', '--kubernetes', '--object-label=ab'],
      /^Expected `--object-label` to be NAME=VALUE as Kubernetes takes them, got "ab"/,
    ],
    [['export', 'a', '--starved-lag'], /^Unknown option '--starved-lag'/],
  ];
  for (const [argv, sentence] of WRONG) {
    it(`are refused in a sentence, with nothing written: ${argv.join(' ')}`, async () => {
      const target = join(folder, 'refused');
      const { code, error } = await runHere('rules', ...argv.map((text) => (text === 'a' ? target : text)));
      assert.equal(code, 2);
      assert.match(error.trimEnd(), sentence);
      assert.throws(() => readdirSync(target), /ENOENT/);
    });
  }

  it('have a help that names every flag, in lines that fit', async () => {
    const { code, out } = await runHere('rules', '--help');
    assert.equal(code, 0);
    for (const name of Object.keys(RULE_OPTIONS)) assert.ok(out.includes(`  ${flagOf(name)}\n`), name);
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
    assert.doesNotMatch(out, /\b[a-z]+[A-Z]\w*S\b/, 'an option in the place of its flag');
  });

  it('are those of the built command', () => {
    const target = join(folder, 'built');
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'dist/esm/src/cli/main.js'), 'rules', 'export', target, '--kubernetes'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assert.equal(readdirSync(target).length, 8);
  });
});
