// The files that pipelines copy: what they run is run, and what they ask is what the dashboard asks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readArguments } from '../../src/cli/compare-arguments.js';
import { readYaml } from '../grafana/compose-files.js';
import { requireTool } from '../support/external-tools.js';
import { root } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-examples-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script with an `npx` that notes its arguments and ends with `code`. */
function runScript(shell: readonly string[], script: string, code: number, env: Readonly<Record<string, string>>) {
  const noted = join(folder, 'arguments');
  writeFileSync(
    join(folder, 'npx'),
    `#!/bin/sh\nprintf '%s\\0' "$@" > "${noted}"\necho "### a comment"\nexit ${code}\n`,
    { mode: 0o755 },
  );
  const [command = '', ...args] = shell;
  const { status, stderr } = spawnSync(command, [...args, script], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env.PATH}`, ...env },
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  const [yes, name, compare, ...argv] = readFileSync(noted, 'utf8').split('\0').slice(0, -1);
  assert.deepEqual([yes, name, compare], ['--yes', 'loopsight', 'compare']);
  return { status, argv };
}

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

test('the workflow for GitHub Actions passes on code and comment, with and without names', () => {
  const workflow = readYaml<{ readonly jobs: { readonly compare: { readonly steps: readonly Step[] } } }>(
    'docs/examples/compare-deploy.yml',
  );
  const step = workflow.jobs.compare.steps.find(({ id }) => id === 'compare');
  const script = step?.run ?? '';
  const output = join(folder, 'output');
  const given = {
    LOOPSIGHT_PROMETHEUS_URL: 'http://prometheus:9090',
    JOB: 'checkout',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  };
  // As a runner does it.
  const bash = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'];
  for (const code of [0, 1, 2, 3]) {
    writeFileSync(output, '');
    const { status, argv } = runScript(bash, script, code, {
      ...given,
      BASELINE: '',
      CANDIDATE: code === 3 ? '1.5.0; exit 9' : '',
    });
    assert.deepEqual([status, readFileSync(output, 'utf8')], [0, `code=${code}\n`]);
    const parsed = readArguments(argv, given, Date.now() / 1000);
    assert.ok(parsed?.source.kind === 'prometheus' && parsed.output === 'markdown' && parsed.watch !== undefined);
    const { job, distinction } = parsed.source.requestAt(0);
    const candidate = code === 3 ? '1.5.0; exit 9' : undefined;
    assert.deepEqual(
      [job, distinction],
      ['checkout', { kind: 'label', label: 'service_version', baseline: undefined, candidate }],
    );
  }
  assert.match(readFileSync(given.GITHUB_STEP_SUMMARY, 'utf8'), /^### a comment$/m);
  assert.equal(readFileSync(join(folder, 'comparison.md'), 'utf8'), '### a comment\n');
  // What somebody typed reaches no script but through a variable.
  for (const { run = '' } of workflow.jobs.compare.steps) assert.doesNotMatch(run, /\$\{\{/);
});

interface AnalysisTemplate {
  readonly spec: {
    readonly args: readonly { readonly name: string; readonly value?: string }[];
    readonly metrics: readonly {
      readonly provider: {
        readonly job: {
          readonly spec: {
            readonly template: {
              readonly spec: {
                readonly containers: readonly {
                  readonly command: readonly string[];
                  readonly args: readonly string[];
                  readonly env: readonly { readonly name: string; readonly value: string }[];
                }[];
              };
            };
          };
        };
      };
    }[];
  };
}

test('the job of Argo Rollouts compares the two templates of pods, and lets inconclusive pass', () => {
  const { spec } = readYaml<AnalysisTemplate>('grafana/kubernetes/argo-rollouts.yml');
  const container = spec.metrics[0]?.provider.job.spec.template.spec.containers[0];
  assert.ok(container !== undefined);
  const values: Readonly<Record<string, string>> = { job: 'checkout', stable: '5f7d', canary: '8c9e' };
  const argument = (name: string) =>
    values[name] ?? spec.args.find((of) => of.name === name)?.value ?? assert.fail(name);
  const env = Object.fromEntries(
    container.env.map(({ name, value }) => [
      name,
      value.replaceAll(/\{\{args\.([\w-]+)\}\}/g, (_, key: string) => argument(key)),
    ]),
  );
  assert.doesNotMatch(container.args.join(), /\{\{/);
  for (const [code, ended] of [
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 3],
  ] as const) {
    const { status, argv } = runScript(container.command, container.args[0] ?? '', code, env);
    assert.equal(status, ended);
    const parsed = readArguments(argv, env, Date.now() / 1000);
    assert.ok(parsed?.source.kind === 'prometheus' && parsed.watch !== undefined);
    assert.deepEqual(parsed.source.requestAt(0).distinction, {
      ...{ kind: 'label', label: 'rollouts_pod_template_hash', baseline: '5f7d', candidate: '8c9e' },
    });
    // The job must not be ended before the command has said its last word.
    assert.ok(parsed.watch.deadlineS + parsed.source.timeoutMs / 1000 < 3900);
  }
});

test("Flagger's query is that of the dashboard's tile", (t) => {
  const { spec } = readYaml<{ readonly spec: { readonly query: string } }>('grafana/kubernetes/flagger.yml');
  const dashboard = JSON.parse(readFileSync(join(root, 'grafana/dashboards/loopsight/deploys.json'), 'utf8')) as {
    readonly panels: readonly {
      readonly title?: string;
      readonly type: string;
      readonly targets?: readonly { readonly expr: string }[];
    }[];
  };
  const tile = dashboard.panels.find(({ title, type }) => title === 'Active loop time per request' && type === 'stat');
  const pods = { candidate: '{{ target }}-[0-9a-z]+-[0-9a-z]+', baseline: '{{ target }}-primary-[0-9a-z]+-[0-9a-z]+' };
  const asFlagger = (tile?.targets?.[0]?.expr ?? '')
    .replaceAll(
      /instance=~"\$instance", service_version=~"\$(candidate|baseline)"/g,
      (_, side: keyof typeof pods) => `namespace="{{ namespace }}", instance=~"${pods[side]}"`,
    )
    .replaceAll('job=~"$job"', 'job=~"{{ target }}(-primary)?"')
    .replaceAll('$__range', '{{ interval }}')
    // Flagger's two sides are two jobs.
    .replaceAll('sum by (job) (', 'sum(');
  const plain = (query: string) => query.replaceAll(/\s/g, '');
  assert.equal(plain(spec.query), plain(asFlagger));
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const values: Readonly<Record<string, string>> = { target: 'checkout', namespace: 'shop', interval: '10m' };
  const filled = spec.query.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? assert.fail(name));
  const rules = join(folder, 'rules.json');
  writeFileSync(rules, JSON.stringify({ groups: [{ name: 'flagger', rules: [{ record: 'a:b', expr: filled }] }] }));
  const checked = spawnSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
});
