// The whole way, with a real Prometheus: the scrape configuration of the README and the query of docs/metrics.md.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from '../support/external-tools.js';
import { root, startInstrumented } from '../support/instrumented.js';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function snippet(page: string, language: string): string {
  const block = readFileSync(join(root, page), 'utf8').match(
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms'),
  )?.[1];
  assert.ok(block !== undefined, `${page} has no ${language} snippet`);
  return block;
}

/** Asks until the answer has a value that is a number, or 30 s are over. */
async function query(url: string, expression: string): Promise<number> {
  const endMs = performance.now() + 30_000;
  for (;;) {
    try {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      const value = Number(data.result[0]?.value[1]);
      if (Number.isFinite(value)) return value;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    assert.ok(performance.now() < endMs, `${expression} has no value`);
    await wait(200);
  }
}

test('Prometheus scrapes a service by the README, and the query for lag has an answer', async (t) => {
  if (!requireTool(t, 'prometheus', 'prometheus') || !requireTool(t, 'promtool', 'prometheus')) return;
  await using program = await startInstrumented<{ app: string; metrics: string }>('http-server.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-prometheus-'));
  let prometheus: ChildProcess | undefined;
  try {
    const target = new URL(program.said.metrics).host;
    const config = join(folder, 'prometheus.yml');
    const readme = snippet('README.md', 'yaml').replace('127.0.0.1:9464', target);
    writeFileSync(config, `global: { scrape_interval: 1s }\n${readme}`);
    const checked = spawnSync('promtool', ['check', 'config', config], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);

    const url = `http://127.0.0.1:${await freePort()}`;
    prometheus = spawn(
      'prometheus',
      [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${new URL(url).host}`],
      { stdio: 'ignore' },
    );
    assert.equal(await query(url, 'up{job="my-service"}'), 1);
    await fetch(`${program.said.app}/`);
    const lag = snippet('docs/metrics.md', 'promql');
    const seconds = await query(url, lag);
    assert.ok(seconds > 0 && seconds < 30, `${seconds} s`);
    assert.ok((await query(url, 'sum(http_server_request_duration_seconds_count)')) >= 1);
    assert.ok((await query(url, 'rate(nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"}[10s])')) > 0);
  } finally {
    if (prometheus !== undefined && prometheus.exitCode === null) {
      prometheus.kill('SIGKILL');
      await once(prometheus, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  }
});
