// What other programs make of our text.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { METRICS } from '../../src/metric-names.js';
import { parseText } from '../../src/prometheus/parse.js';
import { serializeText } from '../../src/prometheus/text.js';
import { PYTHON, requirePythonModule, requireTool } from '../support/external-tools.js';
import { createRandom } from '../support/random.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const NASTY = '\\ \n " \\n \\\\" {a="b"} # , = \t \r \0 \u0085\u2028 \ud800 é 名 🦊';

function ownMetrics(): string {
  const fixtures = Object.values(METRICS).map(({ attributes, ...definition }): FamilyFixture => {
    const values = definition.kind === 'histogram' ? [...definition.bounds, 1, 2].map((_, index) => index) : [1.5];
    return { ...definition, series: [[Object.fromEntries(attributes.map((key) => [key, NASTY])), ...values]] };
  });
  return serializeText([tableOf(...fixtures)], {
    constantLabels: { service_version: NASTY },
    resource: { 'service.name': NASTY, 'a.b': '1', a_b: '2' },
  });
}

function randomMetrics(seed: number): string {
  const random = createRandom(seed);
  const VALUES = [Infinity, -Infinity, -0, 0, 1, -1.5, 1e-300, 1.7976931348623157e308, 5e-324, 0.1, 2 ** 53];
  const fixtures: FamilyFixture[] = [];
  for (let index = 0; index < 60; index++) {
    const kind = random.pick(['counter', 'gauge', 'updowncounter', 'histogram'] as const);
    const series = Array.from({ length: 1 + random.below(4) }, (_, id) => {
      const attributes: Record<string, string> = { id: String(id), le: random.text(3) };
      for (let left = random.below(4); left > 0; left--) attributes[random.text(6)] = random.text(15);
      const values = kind === 'histogram' ? [1, 0, 2, random.pick([...VALUES, Number.NaN])] : [random.pick(VALUES)];
      return [attributes, ...values] as const;
    });
    const bounds = kind === 'histogram' ? { bounds: [0.0000025, 1e6] } : {};
    fixtures.push({
      name: random.text(8),
      unit: random.text(3),
      description: random.text(20),
      kind,
      ...bounds,
      series,
    });
  }
  return serializeText([tableOf(...fixtures)], { constantLabels: { service_version: random.text(10) } });
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
    findings.filter((line) => !/^process_open_file_descriptor_count .*_count/.test(line)),
    [],
  );
});

test('promtool can read whatever names, labels and values there are', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  for (let seed = 1; seed <= 8; seed++) {
    const { status, stderr } = promtool(randomMetrics(seed));
    // 3 is an opinion about names; 1 is an exposition that cannot be read.
    assert.ok(status === 0 || status === 3, `seed ${seed}: ${stderr}`);
  }
});

test('promtool does refuse what is wrong, so that the tests above mean something', (t) => {
  if (!requireTool(t, 'promtool', 'prometheus')) return;
  assert.equal(promtool('# TYPE x gauge\nx{a="1",a="2"} 1\n').status, 1);
  assert.equal(promtool('# HELP x h\n# TYPE x counter\nx 1\n').status, 3);
});

const PROGRAM = `
import io, json, sys
from prometheus_client.parser import text_string_to_metric_families
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='').read()
json.dump([[s.name, sorted(s.labels.items()), repr(float(s.value))]
           for f in text_string_to_metric_families(text) for s in f.samples], sys.stdout)
`;

test("Debian's prometheus_client reads the same samples as we do", (t) => {
  if (!requirePythonModule(t, 'prometheus_client', 'python3-prometheus-client')) return;
  for (const text of [ownMetrics(), ...[21, 22, 23].map(randomMetrics)]) {
    const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const theirs = (JSON.parse(stdout) as [string, [string, string][], string][]).map(([name, labels, value]) => [
      name,
      labels,
      numberOf(value),
    ]);
    const ours = [...parseText(text).families.values()]
      .flatMap(({ samples }) => samples)
      .map(({ name, labels, value }) => [name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), value]);
    assert.ok(ours.length > 50);
    assert.deepEqual(theirs, ours);
  }
});

function numberOf(repr: string): number {
  return Number(repr.replace('inf', 'Infinity').replace('nan', 'NaN'));
}
