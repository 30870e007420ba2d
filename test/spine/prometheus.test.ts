// The whole way, with a real Prometheus: the scrape configuration of the README and the query of docs/metrics.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, startInstrumented } from '../support/instrumented.js';
import { requirePrometheus, startPrometheus } from '../support/prometheus.js';

function snippet(page: string, language: string): string {
  const block = readFileSync(join(root, page), 'utf8').match(
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms'),
  )?.[1];
  assert.ok(block !== undefined, `${page} has no ${language} snippet`);
  return block;
}

test('Prometheus scrapes a service by the README, and the query for lag has an answer', async (t) => {
  if (!requirePrometheus(t)) return;
  await using program = await startInstrumented<{ app: string; metrics: string }>('http-server.mjs');
  const readme = snippet('README.md', 'yaml').replace('127.0.0.1:9464', new URL(program.said.metrics).host);
  await using prometheus = await startPrometheus(`global: { scrape_interval: 1s }\n${readme}`);

  assert.equal(await prometheus.waitForNumber('up{job="my-service"}'), 1);
  await fetch(`${program.said.app}/`);
  const seconds = await prometheus.waitForNumber(snippet('docs/metrics.md', 'promql'));
  assert.ok(seconds > 0 && seconds < 30, `${seconds} s`);
  assert.ok((await prometheus.waitForNumber('sum(http_server_request_duration_seconds_count)')) >= 1);
  const idle = 'rate(nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"}[10s])';
  assert.ok((await prometheus.waitForNumber(idle)) > 0);
});
