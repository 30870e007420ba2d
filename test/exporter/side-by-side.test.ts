// Our exporter beside OpenTelemetry's, on one MeterProvider of each line: the same series and values, but for what is listed here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, type TestContext, test } from 'node:test';
import { type ParsedMetrics, type ParsedSample, parseText } from '../../src/prometheus/parse.js';
import { PYTHON, requirePythonModule, requireTool } from '../support/external-tools.js';
import { installNeighbours, type Neighbour } from '../support/neighbours.js';
import { linesUnderTest } from '../support/opentelemetry-lines.js';
import { runNode } from '../support/run-node.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

interface Result {
  readonly called: readonly unknown[][];
  readonly path: string;
  readonly freed: boolean;
  readonly stock: Answer;
  readonly alike: Answer;
  readonly handler: Answer;
  readonly plain: Answer;
  readonly openMetrics: Answer;
  readonly bare: Answer;
  readonly bareOpenMetrics: Answer;
  readonly elsewhere: Answer;
}

/** What ours has more: the age of the figures, and exponential histograms as classic ones. */
const MORE = /^(loopsight_self_snapshot_age_seconds|app_exponential_(bucket|sum|count))\{?/;
/** What ours leaves out: values that are none, and series that Prometheus would refuse. */
const LESS = /^app_odd_values\{name="nan"|^app_collide_total\{/;

/** Series to values; labels in order, and without empty ones, which are none to Prometheus. */
function flatten({ families }: ParsedMetrics): Map<string, number> {
  const flat = new Map<string, number>();
  for (const { samples } of families.values()) {
    for (const sample of samples) {
      const key = keyOf(sample);
      assert.ok(!flat.has(key), `${key} is there twice`);
      // The stock exporter writes 0 for -0.
      flat.set(key, sample.value + 0);
    }
  }
  return flat;
}

function keyOf({ name, labels }: ParsedSample): string {
  const shown = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name}{${shown
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}}`;
}

/** The stock exporter's text with one label of each name, as far as this application needs it. */
function readStock(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => !line.startsWith('app_collide_total{'));
  return flatten(parseText(lines.join('\n')));
}

for (const line of linesUnderTest()) {
  describe(line, { concurrency: 2 }, () => {
    let neighbour: Neighbour = { missing: 'not installed yet' };
    before(async () => {
      neighbour = await installNeighbours(line);
    });

    for (const [format, observer] of [
      ['mjs', 'on'],
      ['cjs', 'off'],
    ] as const) {
      test(`${format}, observer ${observer}`, async (t) => {
        if ('missing' in neighbour) return t.skip(neighbour.missing);
        const { folder: cwd, node: command } = neighbour;
        const run = await runNode([`exporter.${format}`], { cwd, command, env: { OBSERVER: observer } });
        assert.equal(run.stderr, '');
        assert.equal(run.code, 0);
        const result = JSON.parse(run.stdout) as Result;

        const stock = readStock(result.stock.text);
        const expected = [...stock].filter(([key]) => !LESS.test(key)).sort();
        for (const [name, answer] of Object.entries({ alike: result.alike, handler: result.handler })) {
          const all = flatten(parseText(answer.text));
          const ours = [...all].filter(([key]) => !MORE.test(key) && !LESS.test(key)).sort();
          assert.deepEqual(ours, expected, name);
        }
        assert.ok(expected.length > 50, `${expected.length} series`);
        checkDifferences(result, observer === 'on');
        checkOptions(result);
        checkWithTools(t, result);
        assert.deepEqual([result.called, result.freed], [[[]], true]);
      });
    }
  });
}

/** Each of the differences is one: what is listed but not there any more belongs off the list. */
function checkDifferences({ stock, alike, handler }: Result, isThread: boolean): void {
  const before = readStock(stock.text);
  const ours = flatten(parseText(alike.text));
  const keys = [...ours.keys()];
  assert.ok([...before.keys()].some((key) => key.startsWith('app_odd_values{name="nan"')));
  assert.ok(!keys.some((key) => key.startsWith('app_odd_values{name="nan"')));
  assert.match(stock.text, /^app_collide_total\{a_b="dot",a_b="underscore"/m);
  assert.match(alike.text, /^app_collide_total\{a_b="dot;underscore"/m);
  assert.doesNotMatch(stock.text, /^app_exponential_bucket/m);
  const exponential = keys.filter((key) => key.startsWith('app_exponential_bucket'));
  assert.deepEqual(
    exponential.map((key) => [/le="([^"]+)"/.exec(key)?.[1], ours.get(key)]),
    [
      ['0.0625', 1],
      ['0.125', 1],
      ['0.25', 1],
      ['0.5', 2],
      ['1', 2],
      ['2', 2],
      ['4', 4],
      ['8', 5],
      ['16', 5],
      ['+Inf', 5],
    ],
  );
  assert.equal(/^loopsight_self_snapshot_age_seconds \d/m.test(alike.text), isThread);
  assert.doesNotMatch(handler.text, /^loopsight_/m);
  assert.equal(stock.type, 'text/plain');
  assert.equal(alike.type, 'text/plain; version=0.0.4; charset=utf-8');
}

/** The stock text is none that promtool reads: a name of two scopes has its comments twice there. */
function checkWithTools(t: TestContext, { stock, alike, openMetrics }: Result): void {
  const promtool = (text: string) => spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (requireTool(t, 'promtool', 'prometheus')) {
    assert.equal(promtool(stock.text).status, 1);
    const { status, stderr } = promtool(alike.text);
    assert.equal(status, 0, stderr);
  }
  if (requirePythonModule(t, 'prometheus_client', 'python3-prometheus-client')) {
    const program = `import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(len(list(text_string_to_metric_families(sys.stdin.read()))))`;
    const { status, stderr } = spawnSync(PYTHON, ['-c', program], { input: openMetrics.text, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
}

function checkOptions({ plain, openMetrics, bare, bareOpenMetrics, path, elsewhere }: Result): void {
  assert.equal(path, '/own/path');
  assert.equal(elsewhere.status, 404);
  // Units are in the names, and attributes of the resource are labels where that was asked for.
  const scope = 'otel_scope_name="shop",otel_scope_schema_url="https://example.org/schema",otel_scope_version="1.2.3"';
  const sdk = 'telemetry_sdk_language="nodejs",telemetry_sdk_name="opentelemetry"';
  for (const name of ['temperature_celsius', 'share_ratio', 'seen_seconds_total', 'already_bytes_total']) {
    assert.match(plain.text, new RegExp(`^${name}\\{.*${sdk}`, 'm'), name);
  }
  assert.ok(plain.text.includes(`already_bytes_total{${scope},${sdk}} 7\n`));
  assert.ok(openMetrics.type.startsWith('application/openmetrics-text; version=1.0.0'));
  assert.match(openMetrics.text, /^# TYPE seen_seconds counter$/m);
  assert.match(openMetrics.text, /\n# EOF\n$/);
  assert.doesNotMatch(bare.text, /otel_scope_|target_info/);
  assert.match(bare.text, /^already_bytes_total 7$/m);
  assert.match(openMetrics.text, /^already_bytes_created\{/m);
  assert.match(bareOpenMetrics.text, /^already_bytes_total 7$/m);
  assert.doesNotMatch(bareOpenMetrics.text, /_created/);
}
