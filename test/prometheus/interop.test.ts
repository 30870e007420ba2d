// What other programs make of our text.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import type { Format } from '../../src/prometheus/format.js';
import { parseText } from '../../src/prometheus/parse.js';
import { expose } from '../support/expose.js';
import { PYTHON, requirePythonModule, requireTool } from '../support/external-tools.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';
import { fuzzedFamilies } from './fuzzed.js';

const NASTY = '\\ \n " \\n \\\\" {a="b"} # , = \t \r \0 \u0085\u2028 \ud800 é 名 🦊';

function ownMetrics(kind: Format['kind'] = 'text'): string {
  const fixtures = Object.values(METRICS).map(({ attributes, ...definition }): FamilyFixture => {
    const values = definition.kind === 'histogram' ? [...definition.bounds, 1, 2].map((_, index) => index) : [1.5];
    return {
      ...definition,
      startUnixMs: 1_763_700_000_123,
      series: [[Object.fromEntries(attributes.map((key) => [key, NASTY])), ...values]],
    };
  });
  return expose([tableOf(...fixtures)], {
    format: { kind, version: kind === 'text' ? '0.0.4' : '1.0.0', escaping: 'underscores' },
    constantLabels: { service_version: NASTY },
    resource: { 'service.name': NASTY, 'a.b': '1', a_b: '2' },
  });
}

const ESCAPINGS = ['underscores', 'dots', 'values'] as const;
const STRATEGIES = ['UnderscoreEscapingWithSuffixes', 'NoUTF8EscapingWithSuffixes', 'NoTranslation'] as const;

/** Expositions of made-up metrics in every way that old parsers can read. */
function randomMetrics(kind: Format['kind'], seeds: readonly number[]): string[] {
  return seeds.flatMap((seed) =>
    STRATEGIES.flatMap((strategy) =>
      ESCAPINGS.map((escaping) =>
        expose([tableOf(...fuzzedFamilies(seed))], {
          format: { kind, version: kind === 'text' ? '0.0.4' : '1.0.0', escaping },
          strategy,
          scopeLabels: true,
          constantLabels: { service_version: NASTY },
          resource: { 'a.b': NASTY },
        }),
      ),
    ),
  );
}

const promtool = (text: string) => spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });

test('promtool finds nothing in our metrics but the names of the conventions', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  const { stdout, stderr } = promtool(ownMetrics());
  const findings = `${stdout}${stderr}`
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  assert.deepEqual(
    findings.filter((line) => !/^(process_open_file_descriptor|db_client_connection)_count .*_count/.test(line)),
    [],
  );
});

test('promtool can read whatever names, labels and values there are', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  for (const [index, text] of randomMetrics('text', [1, 2, 3]).entries()) {
    const { status, stderr } = promtool(text);
    // 3 is an opinion about names; 1 is an exposition that cannot be read.
    assert.ok(status === 0 || status === 3, `exposition ${index}: ${stderr}`);
  }
});

test('promtool does refuse what is wrong, so that the tests above mean something', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  assert.equal(promtool('# TYPE x gauge\nx{a="1",a="2"} 1\n').status, 1);
  assert.equal(promtool('# HELP x h\n# TYPE x counter\nx 1\n').status, 3);
});

const PROGRAM = `
import importlib, json, sys
parser = importlib.import_module(sys.argv[1])
def read(text):
    return [[s.name, sorted(s.labels.items()), repr(float(s.value)), sorted(s.exemplar.labels.items()) if s.exemplar else None]
            for f in parser.text_string_to_metric_families(text) for s in f.samples]
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`;

type PythonSample = [name: string, labels: [string, string][], value: string, exemplar: [string, string][] | null];

function readInPython(module: string, texts: readonly string[]): PythonSample[][] {
  const options = { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM, module], options);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const PARSERS = [
  ['text', 'prometheus_client.parser'],
  ['openmetrics', 'prometheus_client.openmetrics.parser'],
] as const;

for (const [kind, module] of PARSERS) {
  test(`Debian's ${module} reads the same samples as we do`, (t) => {
    if (!requirePythonModule(t, 'prometheus_client', 'python3-prometheus-client')) return;
    const texts = [ownMetrics(kind), ...randomMetrics(kind, [21, 22, 23])];
    for (const [index, read] of readInPython(module, texts).entries()) {
      const theirs = read.map(([name, labels, value]) => [name, labels, numberOf(value)]);
      const ours = [...parseText(texts[index] ?? '').families].flatMap(([family, { type, samples }]) =>
        samples.map(({ name, labels, value }) => [
          // This parser calls every counter so.
          type === 'counter' && name === family && !name.endsWith('_total') ? `${name}_total` : name,
          Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
          value,
        ]),
      );
      assert.ok(ours.length > 50);
      assert.deepEqual(theirs, ours);
    }
  });
}

test("Debian's OpenMetrics parser reads our exemplars", (t) => {
  if (!requirePythonModule(t, 'prometheus_client', 'python3-prometheus-client')) return;
  const table = tableOf(
    { name: 'h', kind: 'histogram', bounds: [1], series: [[{ a: NASTY }, 1, 1, 3]] },
    { name: 'c', kind: 'counter', series: [[{}, 1]] },
  );
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', unixMs: 1_763_700_000_123 };
  const exemplars = [
    { series: 0, bucket: 1, value: 2, ...ids },
    { series: 1, bucket: 0, value: 1, ...ids },
  ];
  table.apply({ unixMs: 0, added: [], removed: [], values: table.values, exemplars });
  const text = expose([table], { format: { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' } });
  const [samples = []] = readInPython('prometheus_client.openmetrics.parser', [text]);
  const expected = [
    ['span_id', ids.spanId],
    ['trace_id', ids.traceId],
  ];
  assert.deepEqual(
    samples.filter(([, , , exemplar]) => exemplar !== null).map(([name, , , exemplar]) => [name, exemplar]),
    [
      ['c_total', expected],
      ['h_bucket', expected],
    ],
  );
});

function numberOf(repr: string): number {
  return Number(repr.replace('inf', 'Infinity').replace('nan', 'NaN'));
}
