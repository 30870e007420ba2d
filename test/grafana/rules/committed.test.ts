// The committed rules, Kubernetes objects and their page are what their source makes of them, and tools take them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { committedFiles } from '../../../grafana/rules/committed.js';
import { requirePrometheus3, requireTool } from '../../support/external-tools.js';
import { root } from '../../support/run-node.js';

const dashboards = readdirSync(join(root, 'grafana/dashboards/loopsight'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .sort();
const files = committedFiles(dashboards);
const RULES = [...files.keys()]
  .filter((path) => /^grafana\/rules\/.*\.yml$/.test(path))
  .map((path) => join(root, path));

test('what is committed is what its source describes', () => {
  assert.equal(files.size, 7);
  for (const [path, text] of files) {
    assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path}: run \`npm run rules\``);
  }
});

test('Prometheus 2 and 3 take the rules', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const folder = requirePrometheus3(t);
  if (folder === undefined) return;
  assert.equal(RULES.length, 2);
  for (const promtool of ['promtool', join(folder, 'promtool')]) {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'rules', ...RULES], { encoding: 'utf8' });
    assert.equal(status, 0, `${promtool}: ${stdout}${stderr}`);
  }
});

test('Alertmanager takes its configuration', (t) => {
  if (!requireTool(t, 'amtool', 'prometheus-alertmanager')) return;
  const file = join(root, 'grafana/alerts/alertmanager.yml');
  const { status, stdout, stderr } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  for (const [severity, receiver] of [
    ['page', 'loopsight-pages'],
    ['ticket', 'loopsight-tickets'],
    ['none', 'loopsight-nobody'],
  ]) {
    const labels = ['alertname=LoopsightBlocked', `severity=${severity}`, 'job=shop'];
    const routed = spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels], {
      encoding: 'utf8',
    });
    assert.equal(routed.stdout.trim(), receiver);
  }
});
