// Prometheus and Alertmanager accept, load and use what docker-compose.yml mounts for them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { requireAlertmanager, startAlertmanager } from '../support/alertmanager.js';
import { eventually } from '../support/eventually.js';
import { requirePrometheus3, requireTool } from '../support/external-tools.js';
import { root } from '../support/instrumented.js';
import { startPrometheus } from '../support/prometheus.js';
import { copyMounted, mountedAt, services } from './compose-files.js';

const ETC = '/etc/prometheus';

/** What the container finds at /etc/prometheus, until the test ends. */
function mounted(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-compose-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  copyMounted('prometheus', ETC, folder);
  return folder;
}

function promtool(programs: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(programs, 'promtool'), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

for (const version of [2, 3]) {
  test(`promtool of Prometheus ${version} finds configuration and rules right`, (t) => {
    const programs = version === 3 ? requirePrometheus3(t) : '';
    if (programs === undefined || !requireTool(t, 'promtool', 'prometheus')) return;
    const folder = mounted(t);
    const config = services.prometheus?.command?.find((flag) => flag.startsWith('--config.file='))?.split('=')[1] ?? '';
    const checked = promtool(programs, 'check', 'config', join(folder, config.slice(ETC.length)));
    assert.equal(checked.status, 0, checked.output);
    assert.match(checked.output, /SUCCESS: 2 rule files found/);
    const rules = readdirSync(join(folder, 'rules')).map((name) => join(folder, 'rules', name));
    assert.equal(rules.length, 2);
    const linted = promtool(programs, 'check', 'rules', '--lint=all', '--lint-fatal', ...rules);
    assert.equal(linted.status, 0, linted.output);
    assert.equal([...linted.output.matchAll(/SUCCESS: (\d+) rules found/g)].length, 2, linted.output);

    // The check can fail.
    writeFileSync(join(folder, 'rules/loopsight.rules.yml'), 'groups: [{name: a, rules: [{record: b, expr: "("}]}]');
    assert.notEqual(promtool(programs, 'check', 'config', join(folder, config.slice(ETC.length))).status, 0);
  });
}

test('Prometheus loads the rules and finds Alertmanager, which runs as it is mounted', async (t) => {
  if (!requireTool(t, 'prometheus', 'prometheus') || !requireAlertmanager(t)) return;
  const folder = mounted(t);
  const source = mountedAt('alertmanager', '/etc/alertmanager/alertmanager.yml') ?? '';
  await using alertmanager = await startAlertmanager(readFileSync(join(root, source), 'utf8'));

  // What asks for its health gets an answer.
  const [, command = '', ...args] = services.alertmanager?.healthcheck?.test ?? [];
  const healthy = spawnSync(
    command,
    args.map((arg) => arg.replace('127.0.0.1:9093', alertmanager.address)),
    { encoding: 'utf8' },
  );
  assert.equal(healthy.status, 0, healthy.stderr);
  assert.match(healthy.stdout, /loopsight-pages/);

  const text = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
    .replace('alertmanager:9093', alertmanager.address)
    .replace('rules/*.yml', join(folder, 'rules/*.yml'));
  await using prometheus = await startPrometheus(text);
  const ask = async (path: string) => (await fetch(`${prometheus.url}/api/v1/${path}`)).json() as Promise<never>;
  await prometheus.waitForNumber('vector(1)');
  const { data } = (await ask('rules')) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly { readonly name: string }[] }[] };
  };
  const names = data.groups.flatMap(({ rules }) => rules.map(({ name }) => name));
  assert.ok(names.includes('LoopsightStarved') && names.includes('LoopsightBudgetBurnsFast'), `${names}`);
  assert.ok(names.includes('job_version:loopsight_first_seen:timestamp_seconds'));
  await eventually(
    async () =>
      (
        (await ask('alertmanagers')) as {
          readonly data: { readonly activeAlertmanagers: readonly { readonly url: string }[] };
        }
      ).data.activeAlertmanagers.map(({ url }) => new URL(url).host),
    (hosts) => hosts.length === 1 && hosts[0] === alertmanager.address,
  );
});
