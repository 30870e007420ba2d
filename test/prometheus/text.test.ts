import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DroppedSeries } from '../../src/prometheus/merge.js';
import { formatBound, formatValue } from '../../src/prometheus/numbers.js';
import { expose } from '../support/expose.js';
import { tableOf } from '../support/series-table.js';

const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join('');

test('a counter, a gauge and a histogram read as Prometheus writes them, sorted by name', () => {
  const table = tableOf(
    {
      name: 'work.wait',
      unit: 's',
      kind: 'histogram',
      bounds: [0.001, 0.0025, 1, 2.5, 10],
      series: [[{ queue: 'mail' }, 1, 0, 2, 0, 3, 1, 42.5]],
    },
    {
      name: 'work.done',
      unit: '{task}',
      kind: 'counter',
      series: [
        [{ queue: 'mail', by: 'x' }, 7],
        [{}, 0],
      ],
    },
    { name: 'use', unit: '1', kind: 'gauge', series: [[{}, 0.25]] },
  );
  assert.equal(
    expose([table]),
    lines(
      '# HELP use_ratio A description.',
      '# TYPE use_ratio gauge',
      'use_ratio 0.25',
      '# HELP work_done_total A description.',
      '# TYPE work_done_total counter',
      'work_done_total{by="x",queue="mail"} 7',
      'work_done_total 0',
      '# HELP work_wait_seconds A description.',
      '# TYPE work_wait_seconds histogram',
      'work_wait_seconds_bucket{queue="mail",le="0.001"} 1',
      'work_wait_seconds_bucket{queue="mail",le="0.0025"} 1',
      'work_wait_seconds_bucket{queue="mail",le="1"} 3',
      'work_wait_seconds_bucket{queue="mail",le="2.5"} 3',
      'work_wait_seconds_bucket{queue="mail",le="10"} 6',
      'work_wait_seconds_bucket{queue="mail",le="+Inf"} 7',
      'work_wait_seconds_sum{queue="mail"} 42.5',
      'work_wait_seconds_count{queue="mail"} 7',
    ),
  );
});

test('a histogram without labels or bounds is one bucket', () => {
  const table = tableOf({ name: 'h', kind: 'histogram', bounds: [], series: [[{}, 3, 1.5]] });
  assert.equal(
    expose([table]),
    lines('# HELP h A description.', '# TYPE h histogram', 'h_bucket{le="+Inf"} 3', 'h_sum 1.5', 'h_count 3'),
  );
});

test('values of keys that become one label are joined in order of the keys', () => {
  const table = tableOf({ name: 'x', series: [[{ a_b: '1', 'a.b': '2', 'a-b': '3' }, 1]] });
  assert.match(expose([table]), /^x\{a_b="3;2;1"\} 1$/m);
});

test('labels and HELP are escaped, and lone surrogates replaced', () => {
  const table = tableOf({
    name: 'x',
    description: 'a\\b\n"c"\ud800',
    series: [[{ k: '\\ \n " \t\r\0 \udc00 🦊' }, 1]],
  });
  assert.equal(
    expose([table]),
    lines('# HELP x a\\\\b\\n"c"\ufffd', '# TYPE x gauge', 'x{k="\\\\ \\n \\" \t\r\0 \ufffd 🦊"} 1'),
  );
});

test('an attribute called le does not clash with the label of buckets', () => {
  const table = tableOf({ name: 'h', kind: 'histogram', bounds: [], series: [[{ le: 'mine' }, 3, 1.5]] });
  assert.match(expose([table]), /^h_bucket\{exported_le="mine",le="\+Inf"\} 3$/m);
});

test('an empty label value is no label, an empty description says so', () => {
  const table = tableOf({ name: 'x', description: '', series: [[{ a: '', b: '1' }, 1]] });
  assert.equal(expose([table]), lines('# HELP x description missing', '# TYPE x gauge', 'x{b="1"} 1'));
});

test('a series without a value is left out, and so is a family without series', () => {
  const table = tableOf(
    { name: 'none', series: [[{}, Number.NaN]] },
    { name: 'empty', series: [] },
    {
      name: 'some',
      series: [
        [{ a: '1' }, Number.NaN],
        [{ a: '2' }, 5],
      ],
    },
  );
  assert.equal(expose([table]), lines('# HELP some A description.', '# TYPE some gauge', 'some{a="2"} 5'));
  assert.equal(expose([]), '');
});

test('tables are merged family by family', () => {
  const main = tableOf({ name: 'x', kind: 'counter', description: 'First.', series: [[{ t: 'main' }, 1]] });
  const live = tableOf({ name: 'x', kind: 'counter', description: 'Second.', series: [[{ t: 'live' }, 2]] });
  assert.equal(
    expose([main, live]),
    lines('# HELP x_total First.', '# TYPE x_total counter', 'x_total{t="main"} 1', 'x_total{t="live"} 2'),
  );
});

test('gauges and updowncounters of one name are one family', () => {
  const table = tableOf(
    { name: 'x', kind: 'gauge', series: [[{ t: 'a' }, 1]] },
    { name: 'x', kind: 'updowncounter', series: [[{ t: 'b' }, 2]] },
  );
  assert.equal(expose([table]).match(/^# TYPE/gm)?.length, 1);
  assert.match(expose([table]), /^x\{t="b"\} 2$/m);
});

test('what would make the exposition invalid is left out and told', () => {
  const table = tableOf(
    { name: 'x.total', kind: 'gauge', series: [[{}, 1]] },
    {
      name: 'x',
      kind: 'counter',
      series: [
        [{}, 2],
        [{ a: '1' }, 3],
      ],
    },
    { name: 'h', kind: 'histogram', bounds: [], series: [[{}, 1, 1]] },
    { name: 'h.count', kind: 'gauge', series: [[{}, 9]] },
    { name: '名', series: [[{}, 1]] },
    {
      name: 'd',
      series: [
        [{ 'a.b': '1' }, 1],
        [{ a_b: '1' }, 2],
      ],
    },
    { name: 'target.info', kind: 'gauge', series: [[{}, 1]] },
  );
  const dropped: DroppedSeries[] = [];
  const text = expose([table], { resource: { a: 'b' }, onDrop: (drop) => dropped.push(drop) });
  assert.deepEqual(dropped, [
    { metric: 'x', reason: 'conflict', series: 2 },
    { metric: 'h.count', reason: 'conflict', series: 1 },
    { metric: '名', reason: 'name', series: 1 },
    { metric: 'target.info', reason: 'conflict', series: 1 },
    { metric: 'd', reason: 'duplicate', series: 1 },
  ]);
  assert.match(text, /^x_total 1$/m);
  assert.match(text, /^d\{a_b="1"\} 1$/m);
  assert.doesNotMatch(text, / 9$/m);
});

test('constant labels stand on every series, and an attribute of the same name wins', () => {
  const table = tableOf({
    name: 'x',
    series: [
      [{}, 1],
      [{ 'service.version': '2' }, 2],
    ],
  });
  assert.equal(
    expose([table], { constantLabels: { service_version: '1' }, resource: { 'service.name': 'shop' } }),
    lines(
      '# HELP target_info Target metadata',
      '# TYPE target_info gauge',
      'target_info{service_name="shop"} 1',
      '# HELP x A description.',
      '# TYPE x gauge',
      'x{service_version="1"} 1',
      'x{service_version="2"} 2',
    ),
  );
});

test('an empty resource is no target_info', () => {
  assert.equal(expose([], { resource: {} }), '');
});

test('scope labels are shown when asked for', () => {
  const table = tableOf(
    { name: 'x', scope: { name: 'lib', version: '1.0' }, series: [[{}, 1]] },
    { name: 'x', scope: { name: 'other' }, series: [[{ a: '1' }, 2]] },
  );
  assert.doesNotMatch(expose([table]), /otel_scope/);
  const text = expose([table], { scopeLabels: true });
  assert.match(text, /^x\{otel_scope_name="lib",otel_scope_version="1.0"\} 1$/m);
  assert.match(text, /^x\{a="1",otel_scope_name="other"\} 2$/m);
});

test('a call with other options is not answered from the cache of the last one', () => {
  const table = tableOf({ name: 'x', series: [[{}, 1]] });
  assert.match(expose([table], { constantLabels: { v: '1' } }), /^x\{v="1"\} 1$/m);
  assert.match(expose([table], { constantLabels: { v: '2' } }), /^x\{v="2"\} 1$/m);
  assert.match(expose([table]), /^x 1$/m);
});

test('new values of known series are shown, removed series are not', () => {
  const table = tableOf({
    name: 'x',
    series: [
      [{ a: '1' }, 1],
      [{ a: '2' }, 2],
    ],
  });
  expose([table]);
  table.apply({ unixMs: 1, added: [], removed: [0], values: Float64Array.of(1, 5) });
  assert.equal(expose([table]), lines('# HELP x A description.', '# TYPE x gauge', 'x{a="2"} 5'));
});

const VALUES: readonly (readonly [value: number, expected: string])[] = [
  [0, '0'],
  [-0, '-0.0'],
  [1, '1'],
  [0.1, '0.1'],
  [-2.5, '-2.5'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [2 ** 53, '9007199254740992'],
];

for (const [value, expected] of VALUES) {
  test(`the value ${expected} is spelled so`, () => assert.equal(formatValue(value), expected));
}

const BOUNDS: readonly (readonly [bound: number, expected: string])[] = [
  [0.001, '0.001'],
  [0.0025, '0.0025'],
  [1, '1'],
  [2.5, '2.5'],
  [10, '10'],
  [Infinity, '+Inf'],
  [0, '0'],
  [-5, '-5'],
  [100_000, '100000'],
  [999_999, '999999'],
  [1e6, '1e+06'],
  [1_500_000, '1.5e+06'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e100, '1.5e+100'],
];

for (const [bound, expected] of BOUNDS) {
  test(`the bound ${expected} is spelled so`, () => assert.equal(formatBound(bound), expected));
}

test('a series whose bounds are not its family’s has buckets of its own', () => {
  const table = tableOf(
    { name: 'h', kind: 'histogram', bounds: [1], series: [[{ a: '1' }, 1, 1, 1]] },
    { name: 'h', kind: 'histogram', bounds: [2], series: [[{ a: '2' }, 1, 1, 1]] },
    { name: 'h', kind: 'histogram', bounds: [1], series: [[{ a: '3' }, 1, 1, 1]] },
  );
  assert.deepEqual(
    [...expose([table]).matchAll(/a="(\d)",le="(\d)"/g)].map(([, a, le]) => [a, le]),
    [
      ['1', '1'],
      ['2', '2'],
      ['3', '1'],
    ],
  );
});
