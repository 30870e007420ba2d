// What an unconfigured HTTP server exposes: enough, not too much, and readable by others.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { parseText } from '../../src/prometheus/parse.js';
import { eventually } from '../support/eventually.js';
import { PYTHON, requirePythonModule, requireTool } from '../support/external-tools.js';
import { registerCjs, registerEsm, startInstrumented } from '../support/instrumented.js';

interface Said {
  readonly app: string;
  readonly metrics: string;
}

async function scrapeUsedServer(
  nodeArguments: readonly string[],
): Promise<{ text: string; contentType: string | null }> {
  await using program = await startInstrumented<Said>('http-server.mjs', {}, nodeArguments);
  // A client may send any method and path; none of it may grow the exposition.
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'PURGE']) {
    for (const path of ['/', '/none', '/users/1', '/users/2?secret=hunter2']) {
      await (await fetch(`${program.said.app}${path}`, { method })).arrayBuffer();
    }
  }
  const scrape = async () => {
    const response = await fetch(program.said.metrics);
    assert.equal(response.status, 200);
    return { text: await response.text(), contentType: response.headers.get('content-type') };
  };
  // On a busy machine the endpoint may answer before it has the figures of the main thread.
  return await eventually(scrape, ({ text }) => text.includes('http_server_request_duration_seconds_count'));
}

for (const [title, nodeArguments] of [
  ['--import', ['--import', registerEsm]],
  ['--require', ['--require', registerCjs]],
] as const) {
  test(`an unconfigured HTTP server under ${title} has every signal in at most 400 series`, async () => {
    const { text, contentType } = await scrapeUsedServer(nodeArguments);
    assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    // On a busy machine the loop stalls, and calls take long; the server itself gives no cause for either.
    const always = series.filter((line) => !/^loopsight_(eventloop_stall|blocking_call)/.test(line));
    assert.ok(always.length <= 400, `${always.length} series`);
    const { families } = parseText(text);
    for (const metric of [
      METRICS.eventLoopLag,
      METRICS.eventLoopBlocked,
      METRICS.eventLoopTime,
      METRICS.eventLoopUtilization,
      METRICS.eventLoopIterations,
      METRICS.heapUsed,
      METRICS.heapLimit,
      METRICS.threadCpuTime,
      METRICS.processCpuTime,
      METRICS.processMemoryUsage,
      METRICS.processUptime,
      METRICS.httpServerRequestDuration,
      METRICS.httpServerActiveRequests,
      METRICS.selfSnapshotAge,
    ]) {
      assert.ok(families.has(prometheusName(metric) ?? ''), `${metric.name} is missing`);
    }
    assert.doesNotMatch(text, /secret|hunter2|users/);
    const unlabelled = series.filter((line) => !line.includes('service_version="') && !line.startsWith('target_info'));
    assert.deepEqual(unlabelled, []);
  });
}

test('promtool and the parser of Prometheus’ Python client accept it', async (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  if (!requirePythonModule(t, 'prometheus_client', 'python3-prometheus-client')) return;
  const { text } = await scrapeUsedServer(['--import', registerEsm]);
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  // The names of the conventions that end in `.count` are the only thing that it may find.
  const findings = promtool.stderr.split('\n').filter((line) => line !== '' && !/_count/.test(line));
  assert.deepEqual(findings, []);
  const python = spawnSync(
    PYTHON,
    [
      '-c',
      'import sys\nfrom prometheus_client.parser import text_string_to_metric_families as parse\nprint(sum(len(f.samples) for f in parse(sys.stdin.read())))',
    ],
    { input: text, encoding: 'utf8' },
  );
  assert.equal(python.stderr, '');
  assert.equal(Number(python.stdout), text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length);
});
