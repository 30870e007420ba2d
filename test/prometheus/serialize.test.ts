// Several sources, chunks, and what may happen while they are taken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DroppedSeries } from '../../src/prometheus/merge.js';
import { parseText } from '../../src/prometheus/parse.js';
import { serialize } from '../../src/prometheus/serialize.js';
import type { TranslationStrategy } from '../../src/prometheus/translation.js';
import { expose } from '../support/expose.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

function many(count: number, kind: 'counter' | 'histogram' = 'histogram'): FamilyFixture {
  return {
    name: 'many',
    kind,
    ...(kind === 'histogram' ? { bounds: [1, 2, 3] } : {}),
    series: Array.from(
      { length: count },
      (_, id) => [{ id: `${id}` }, ...(kind === 'histogram' ? [1, 1, 1, 1, 6] : [id])] as const,
    ),
  };
}

test('labels of a source stand on each of its series and win over attributes; their families are one', () => {
  const one = tableOf({ name: 'x', series: [[{ process: 'mine', a: '1' }, 1]] });
  const two = tableOf({ name: 'x', series: [[{ a: '1' }, 2]] });
  assert.equal(
    expose([
      { table: one, labels: { process: 'worker-1' } },
      { table: two, labels: { process: 'worker-2' } },
    ]),
    lines(
      '# HELP x A description.',
      '# TYPE x gauge',
      'x{a="1",process="worker-1"} 1',
      'x{a="1",process="worker-2"} 2',
    ),
  );
});

test('a source has constant labels and a resource of its own: two versions may run at once', () => {
  const table = tableOf({ name: 'x', series: [[{}, 1]] });
  const member = (process: string, version: string) => ({
    table,
    labels: { process },
    constantLabels: { service_version: version },
    resource: { 'service.version': version },
  });
  assert.equal(
    expose([member('1', 'old'), member('2', 'new')], { constantLabels: { service_version: 'none' } }),
    lines(
      '# HELP target_info Target metadata',
      '# TYPE target_info gauge',
      'target_info{process="1",service_version="old"} 1',
      'target_info{process="2",service_version="new"} 1',
      '# HELP x A description.',
      '# TYPE x gauge',
      'x{process="1",service_version="old"} 1',
      'x{process="2",service_version="new"} 1',
    ),
  );
});

test('what another library named stays what it was, and is never merged with ours', () => {
  const theirs: FamilyFixture = {
    name: 'app:http.time',
    unit: 's',
    kind: 'counter',
    isPrometheusName: true,
    series: [[{ le: '1' }, 1]],
  };
  const dropped: DroppedSeries[] = [];
  const text = expose(
    [
      { table: tableOf(theirs, { name: 'x', isPrometheusName: true, series: [[{}, 1]] }), labels: { process: '1' } },
      { table: tableOf({ name: 'x', series: [[{ a: 'ours' }, 2]] }) },
    ],
    { constantLabels: { v: '1' }, onDrop: (drop) => dropped.push(drop) },
  );
  assert.match(text, /^app:http_time\{le="1",process="1"\} 1$/m);
  assert.match(text, /^x\{process="1"\} 1$/m);
  assert.doesNotMatch(text, /ours/);
  assert.deepEqual(dropped, [{ metric: 'x', reason: 'conflict', series: 1 }]);
});

test('chunks have some 64 kB, whatever there is to say', () => {
  const chunks = [...serialize([{ table: tableOf(many(5000)) }])];
  assert.ok(chunks.length > 10);
  for (const chunk of chunks.slice(0, -1))
    assert.ok(chunk.length >= 65_536 && chunk.length < 70_000, `${chunk.length}`);
  assert.equal(parseText(chunks.join('')).families.get('many')?.samples.length, 5000 * 6);
});

test('the values are those of the call, whatever is applied while the chunks are taken', () => {
  const table = tableOf(many(5000), { name: 'zone', series: [[{}, 7]] });
  const expected = expose([table]);
  const chunks = serialize([{ table }]);
  let text = chunks.next().value;
  const family = { name: 'new', unit: '', kind: 'gauge', description: '', bounds: [] } as const;
  table.apply({
    unixMs: 1,
    added: [{ id: 9999, family, attributes: [], offset: 0, startUnixMs: 0 }],
    removed: Array.from({ length: 2500 }, (_, id) => 2 * id),
    values: new Float64Array(25_001),
  });
  for (const chunk of chunks) text += chunk;
  assert.equal(text, expected);
  assert.notEqual(expose([table]), expected);
});

test('a constant label or one of a source that is called as a label of the format gives way to it', () => {
  const table = tableOf(
    { name: 'h', kind: 'histogram', bounds: [], series: [[{}, 1, 2]] },
    { name: 's', kind: 'summary', quantiles: [1], series: [[{}, 1, 2, 3]] },
  );
  const text = expose([{ table, labels: { quantile: 'b' } }], { constantLabels: { le: 'a' } });
  assert.match(text, /^h_bucket\{exported_le="a",quantile="b",le="\+Inf"\} 1$/m);
  assert.match(text, /^s\{exported_quantile="b",le="a",quantile="1"\} 1$/m);
});

test('constant labels keep their characters where attributes do', () => {
  const table = tableOf({ name: 'x', series: [[{ 'a.b': '1' }, 1]] });
  const format = { kind: 'text', version: '1.0.0', escaping: 'allow-utf-8' } as const;
  const show = (strategy: TranslationStrategy) =>
    expose([table], { format, strategy, constantLabels: { 'service.name': 'shop', 'a.b': '2' } });
  assert.match(show('NoTranslation'), /^x\{"a\.b"="1","service\.name"="shop"\} 1$/m);
  assert.match(show('UnderscoreEscapingWithSuffixes'), /^x\{a_b="1",service_name="shop"\} 1$/m);
});

test('series that come, go, double others and have no value are seen at the next call', () => {
  const table = tableOf({
    name: 'x',
    kind: 'gauge',
    series: [
      [{ 'a.b': '1' }, 1],
      [{ a_b: '1' }, 2],
    ],
  });
  const [family] = [...table.families.values()].map((one) => one.family);
  assert.ok(family);
  const dropped: string[] = [];
  const shown = () =>
    expose([table], { onDrop: ({ reason, series }) => dropped.push(`${series} ${reason}`) }).match(/^x.*$/gm);
  const apply = (ids: readonly number[], removed: readonly number[], ...values: readonly number[]) => {
    const added = ids.map((id) => ({
      id,
      family,
      attributes: [['id', `${id}`]] as const,
      offset: id,
      startUnixMs: 0,
    }));
    table.apply({ unixMs: 0, added, removed, values: Float64Array.from(values) });
  };
  assert.deepEqual(shown(), ['x{a_b="1"} 1']);
  apply([], [], Number.NaN, 3);
  assert.deepEqual(shown(), ['x{a_b="1"} 3']);
  apply([2], [0], 1, 4, 5);
  assert.deepEqual(shown(), ['x{a_b="1"} 4', 'x{id="2"} 5']);
  apply([], [1, 2], 1, 4, 5);
  assert.equal(shown(), null);
  apply([1], [], 1, 6, 5);
  assert.deepEqual(shown(), ['x{id="1"} 6']);
  assert.deepEqual(dropped, ['1 duplicate']);
});

test('bounds that change are those of all later series, and of the family', () => {
  const table = tableOf({ name: 'h', kind: 'histogram', bounds: [1], series: [[{}, 1, 0, 1]] });
  const [old] = [...table.families.values()];
  const family = { name: 'h', unit: '', kind: 'histogram', description: 'A description.', bounds: [1, 2] } as const;
  const added = [{ id: 1, family, attributes: [], offset: 0, startUnixMs: 0 }];
  table.apply({ unixMs: 1, added, removed: [0], values: Float64Array.of(1, 1, 0, 3) });
  assert.deepEqual(
    [...table.families.values()].map((one) => [one.family.bounds, one.series.size]),
    [[[1, 2], 1]],
  );
  assert.deepEqual(old?.family.bounds, [1]);
  assert.match(expose([table]), /^h_bucket\{le="2"\} 2$/m);
});

test('a call with another format or strategy is not answered from the cache of the last one', () => {
  const table = tableOf({ name: 'a.b', kind: 'counter', unit: 's', series: [[{ 'c.d': '1' }, 1]] });
  const once = () => [
    expose([table]),
    expose([table], { strategy: 'NoTranslation' }),
    expose([table], { format: { kind: 'text', version: '1.0.0', escaping: 'dots' } }),
    expose([table], { strategy: 'NoTranslation', format: { kind: 'text', version: '1.0.0', escaping: 'allow-utf-8' } }),
    expose([table], { format: { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' } }),
  ];
  const first = once();
  const starts = first.map((exposition) => /^[^#\s].*(?= 1$)/m.exec(exposition)?.[0]);
  assert.deepEqual(starts, [
    'a_b_seconds_total{c_d="1"}',
    'a_b{c_d="1"}',
    'a__b__seconds__total{c__d="1"}',
    '{"a.b","c.d"="1"}',
    'a_b_seconds_total{c_d="1"}',
  ]);
  assert.match(first[4] ?? '', /# EOF/);
  assert.deepEqual(once(), first);
});

test('one name, two descriptions or units: the points stay, the first comment stands, and it is told', () => {
  const dropped: DroppedSeries[] = [];
  const text = expose(
    [
      tableOf(
        { name: 'x', unit: '', description: 'one', series: [[{ a: '1' }, 1]] },
        { name: 'x', unit: '{request}', description: 'another', series: [[{ a: '2' }, 2]] },
      ),
    ],
    { onDrop: (drop) => dropped.push(drop) },
  );
  assert.equal(text, lines('# HELP x one', '# TYPE x gauge', 'x{a="1"} 1', 'x{a="2"} 2'));
  assert.deepEqual(dropped, [{ metric: 'x', reason: 'comment', series: 0 }]);
});

test('labels that Prometheus would not take for labels are never written', () => {
  const attributes = { __name__: 'stolen', '': 'empty', '__a.b': '1', ':': '2' };
  for (const strategy of ['UnderscoreEscapingWithSuffixes', 'NoTranslation'] as const) {
    for (const escaping of ['underscores', 'dots', 'values', 'allow-utf-8'] as const) {
      const format = { kind: 'text', version: '1.0.0', escaping } as const;
      const text = expose([tableOf({ name: 'x', series: [[attributes, 1]] })], { strategy, format });
      const labels = Object.keys(parseText(text).families.get('x')?.samples[0]?.labels ?? {});
      assert.ok(labels.length >= 2);
      for (const label of labels) assert.doesNotMatch(label, /^(__.*)?$/);
    }
  }
});
