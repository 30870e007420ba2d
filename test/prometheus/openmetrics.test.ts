// OpenMetrics: what is written otherwise than in the text format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Escaping, Format } from '../../src/prometheus/format.js';
import type { DroppedSeries } from '../../src/prometheus/merge.js';
import { formatFloat, formatUnixSeconds } from '../../src/prometheus/numbers.js';
import type { SerializeOptions } from '../../src/prometheus/serialize.js';
import type { SeriesExemplar } from '../../src/prometheus/snapshot.js';
import { expose } from '../support/expose.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const OPEN_METRICS: Format = { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' };
const START = 1_763_700_000_123;

function open(fixtures: readonly FamilyFixture[], options: SerializeOptions = {}): string {
  return expose([tableOf(...fixtures)], { format: OPEN_METRICS, ...options });
}

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

test('a counter: the family without _total, its unit, its start, and the end', () => {
  assert.equal(
    open([{ name: 'wait', unit: 's', kind: 'counter', startUnixMs: START, series: [[{ a: 'b' }, 1.5]] }]),
    lines(
      '# TYPE wait_seconds counter',
      '# UNIT wait_seconds seconds',
      '# HELP wait_seconds A description.',
      'wait_seconds_total{a="b"} 1.5',
      'wait_seconds_created{a="b"} 1763700000.123',
      '# EOF',
    ),
  );
});

test('starts are left out where they are not wanted or not known', () => {
  const fixture = { name: 'x', kind: 'counter', series: [[{}, 1]] } as const;
  assert.doesNotMatch(open([{ ...fixture, startUnixMs: START }], { created: false }), /_created/);
  for (const startUnixMs of [0, Number.NaN, -1]) assert.doesNotMatch(open([{ ...fixture, startUnixMs }]), /_created/);
});

test('a histogram: bounds that are visibly no integers', () => {
  assert.equal(
    open([
      {
        name: 'h',
        unit: 's',
        kind: 'histogram',
        bounds: [0.1, 1, 1e6],
        startUnixMs: START,
        series: [[{}, 1, 2, 0, 0, 2.5]],
      },
    ]),
    lines(
      '# TYPE h_seconds histogram',
      '# UNIT h_seconds seconds',
      '# HELP h_seconds A description.',
      'h_seconds_bucket{le="0.1"} 1',
      'h_seconds_bucket{le="1.0"} 3',
      'h_seconds_bucket{le="1e+06"} 3',
      'h_seconds_bucket{le="+Inf"} 3',
      'h_seconds_sum 2.5',
      'h_seconds_count 3',
      'h_seconds_created 1763700000.123',
      '# EOF',
    ),
  );
});

test('no sum where observations are or may be below zero, and then no count', () => {
  const histogram = (bounds: readonly number[], sum: number) =>
    open([{ name: 'h', kind: 'histogram', bounds, series: [[{}, 1, 1, sum]] }]);
  for (const text of [histogram([1], -1), histogram([1], Number.NaN), histogram([-1], 5)]) {
    assert.doesNotMatch(text, /^h_(sum|count)/m);
    assert.match(text, /^h_bucket\{le="\+Inf"\} 2$/m);
  }
  assert.match(histogram([1], 0), /^h_sum 0\nh_count 2$/m);
});

test('a summary: quantiles, sum, count and start', () => {
  assert.equal(
    open([
      {
        name: 's',
        kind: 'summary',
        quantiles: [0.5, 1],
        startUnixMs: START,
        series: [[{ quantile: 'q' }, 3, Number.NaN, 7, 2]],
      },
    ]),
    lines(
      '# TYPE s summary',
      '# HELP s A description.',
      's{exported_quantile="q",quantile="0.5"} 3',
      's{exported_quantile="q",quantile="1.0"} NaN',
      's_sum{exported_quantile="q"} 7',
      's_count{exported_quantile="q"} 2',
      's_created{exported_quantile="q"} 1763700000.123',
      '# EOF',
    ),
  );
});

test('the resource is an info, which stands first', () => {
  assert.equal(
    open([], { resource: { 'service.name': 'shop' } }),
    lines('# TYPE target info', '# HELP target Target metadata', 'target_info{service_name="shop"} 1', '# EOF'),
  );
});

test('nothing is the end alone', () => assert.equal(open([]), '# EOF\n'));

test('double quotes are escaped in descriptions too', () => {
  assert.match(
    open([{ name: 'x', description: 'a "b" \\ c\nd', series: [[{}, 1]] }]),
    /^# HELP x a \\"b\\" \\\\ c\\nd$/m,
  );
});

test('a unit that the name does not end in is left out', () => {
  const fixture = { name: 'x', unit: 's', series: [[{}, 1]] } as const;
  assert.doesNotMatch(open([fixture], { strategy: 'UnderscoreEscapingWithoutSuffixes' }), /UNIT/);
  assert.match(open([{ name: 'share', unit: '1', series: [[{}, 1]] }]), /^# UNIT share_ratio ratio$/m);
});

test('a counter that is not called one is of unknown type, under the name that it has in the text format', () => {
  const text = open([{ name: 'x', kind: 'counter', startUnixMs: START, series: [[{}, 1]] }], {
    strategy: 'NoTranslation',
  });
  assert.equal(text, lines('# TYPE x unknown', '# HELP x A description.', 'x 1', '# EOF'));
});

test('a counter below zero is told and left out', () => {
  const dropped: DroppedSeries[] = [];
  const text = open(
    [
      {
        name: 'x',
        kind: 'counter',
        series: [
          [{ a: '1' }, -1],
          [{ a: '2' }, 1],
        ],
      },
    ],
    {
      onDrop: (drop) => dropped.push(drop),
    },
  );
  assert.match(text, /^x_total\{a="2"\} 1$/m);
  assert.doesNotMatch(text, /a="1"/);
  assert.deepEqual(dropped, [{ metric: 'x', reason: 'value', series: 1 }]);
});

test('names that clash in OpenMetrics alone: a counter gives way by its type, others are told and left out', () => {
  const dropped: DroppedSeries[] = [];
  const text = open(
    [
      { name: 'a', series: [[{}, 1]] },
      { name: 'a', kind: 'counter', series: [[{}, 2]] },
      { name: 'b', kind: 'counter', series: [[{}, 3]] },
      { name: 'b.created', series: [[{}, 4]] },
      { name: 'target', series: [[{}, 5]] },
    ],
    { resource: { x: 'y' }, onDrop: (drop) => dropped.push(drop) },
  );
  assert.match(text, /^# TYPE a_total unknown\n.*\na_total 2$/m);
  assert.match(text, /^b_total 3$/m);
  assert.deepEqual(dropped, [
    { metric: 'target', reason: 'conflict', series: 1 },
    { metric: 'b.created', reason: 'conflict', series: 1 },
  ]);
  assert.doesNotMatch(text, /^(b_created|target) /m);
});

const exemplar = (more: Partial<SeriesExemplar>): SeriesExemplar => ({
  series: 0,
  bucket: 0,
  value: 0.05,
  unixMs: START,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  ...more,
});

function withExemplars(fixture: FamilyFixture, ...exemplars: readonly SeriesExemplar[]): string {
  const table = tableOf(fixture);
  table.apply({ unixMs: 0, added: [], removed: [], values: table.values, exemplars });
  assert.doesNotMatch(expose([table]), /trace_id/);
  return expose([table], { format: OPEN_METRICS });
}

const HISTOGRAM: FamilyFixture = { name: 'h', kind: 'histogram', bounds: [0.1, 1], series: [[{}, 1, 1, 1, 9]] };
const IDS = 'trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"';

test('an exemplar stands in the line of its bucket, and the newest one wins', () => {
  const text = withExemplars(HISTOGRAM, exemplar({ value: 0.01 }), exemplar({}), exemplar({ bucket: 2, value: 7 }));
  assert.match(text, new RegExp(`^h_bucket\\{le="0\\.1"\\} 1 # \\{${IDS}\\} 0\\.05 1763700000\\.123$`, 'm'));
  assert.match(text, /^h_bucket\{le="1\.0"\} 2$/m);
  assert.match(text, /^h_bucket\{le="\+Inf"\} 3 # \{.*\} 7 1763700000\.123$/m);
});

test('counters have exemplars, gauges and counters without _total have none', () => {
  const of = (kind: 'counter' | 'gauge' | 'updowncounter', name = 'x') =>
    withExemplars({ name, kind, series: [[{}, 1]] }, exemplar({}));
  assert.match(of('counter'), /^x_total 1 # \{trace_id=/m);
  for (const text of [of('gauge'), of('updowncounter')]) assert.doesNotMatch(text, / # \{/);
});

test('an exemplar has the labels of its own where it has some, escaped, and none that are too long', () => {
  const labels = (...pairs: [string, string][]) => withExemplars(HISTOGRAM, exemplar({ labels: pairs }));
  assert.match(labels(['id', '"\n']), /^h_bucket\{le="0\.1"\} 1 # \{id="\\"\\n"\} 0\.05/m);
  // Characters are counted, not units of UTF-16.
  assert.match(labels(['id', '🦊'.repeat(126)]), / # \{id="🦊/);
  assert.doesNotMatch(labels(['id', '🦊'.repeat(127)]), / # \{/);
  // Prometheus would lose the whole scrape.
  assert.doesNotMatch(labels(['id', 'a\0b']), / # \{/);
  assert.match(withExemplars(HISTOGRAM, exemplar({ unixMs: Number.NaN })), / # \{.*\} 0\.05$/m);
});

test('labels of an exemplar that an old scraper could not read are escaped as it asks', () => {
  const table = tableOf(HISTOGRAM);
  const labels = [
    ['trace.id', '1'],
    ['', '2'],
    ['trace_id', '3'],
  ] as const;
  table.apply({ unixMs: 0, added: [], removed: [], values: table.values, exemplars: [exemplar({ labels })] });
  const shown = (escaping: Escaping) =>
    /le="0\.1"\} 1 # \{(.*?)\} /.exec(expose([table], { format: { ...OPEN_METRICS, escaping } }))?.[1];
  assert.equal(shown('underscores'), 'trace_id="3",_="2"');
  assert.equal(shown('dots'), 'trace_dot_id="1",_="2",trace_id="3"');
  assert.equal(shown('values'), 'U__trace_2e_id="1",_="2",trace_id="3"');
  assert.equal(shown('allow-utf-8'), '"trace.id"="1",_="2",trace_id="3"');
});

test('an exemplar of a series that is gone goes with it', () => {
  const table = tableOf(HISTOGRAM);
  table.apply({ unixMs: 0, added: [], removed: [0], values: table.values, exemplars: [exemplar({})] });
  assert.equal(table.exemplarsOf(0), undefined);
});

const UTF_8: readonly (readonly [escaping: Escaping, counter: string, label: string, gauge: string])[] = [
  ['underscores', 'http_requests_total', 'a_b', 'gr__e_s_unit_bytes'],
  ['dots', 'http_dot_requests__total', 'a_dot_b', 'gr____e_dot_s__unit__bytes'],
  ['values', 'U__http_2e_requests__total', 'U__a_2e_b', 'U__gr_f6__df_e_2e_s__unit__bytes'],
];

for (const [escaping, counter, label, gauge] of UTF_8) {
  test(`names that keep their characters, escaped as ${escaping}`, () => {
    const fixtures: FamilyFixture[] = [
      { name: 'http.requests', kind: 'counter', series: [[{ 'a.b': '1' }, 1]] },
      { name: 'größe.s_unit', unit: 'By', series: [[{}, 2]] },
    ];
    const text = open(fixtures, { strategy: 'NoUTF8EscapingWithSuffixes', format: { ...OPEN_METRICS, escaping } });
    assert.ok(text.includes(`${counter}{${label}="1"} 1\n`), text);
    assert.ok(text.includes(`${gauge} 2\n`), text);
  });
}

test('names that keep their characters, in quotes', () => {
  const format: Format = { ...OPEN_METRICS, escaping: 'allow-utf-8' };
  const text = open(
    [
      { name: 'http.requests', kind: 'counter', startUnixMs: START, series: [[{ 'a.b': '1', c: '2' }, 1]] },
      { name: 'a "b"', unit: 'By', series: [[{}, 2]] },
      { name: 'h.d', kind: 'histogram', bounds: [], series: [[{}, 1, 1]] },
    ],
    { strategy: 'NoUTF8EscapingWithSuffixes', format },
  );
  assert.equal(
    text,
    lines(
      '# TYPE "a \\"b\\"_bytes" gauge',
      '# UNIT "a \\"b\\"_bytes" bytes',
      '# HELP "a \\"b\\"_bytes" A description.',
      '{"a \\"b\\"_bytes"} 2',
      '# TYPE "h.d" histogram',
      '# HELP "h.d" A description.',
      '{"h.d_bucket",le="+Inf"} 1',
      '{"h.d_sum"} 1',
      '{"h.d_count"} 1',
      '# TYPE "http.requests" counter',
      '# HELP "http.requests" A description.',
      '{"http.requests_total","a.b"="1",c="2"} 1',
      '{"http.requests_created","a.b"="1",c="2"} 1763700000.123',
      '# EOF',
    ),
  );
});

// OpenMetrics' "Canonical Numbers".
const FLOATS =
  '0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0 1e-10 1e-09 1e-05 0.0001 100000.0 1e+06 1e+10';
for (const expected of FLOATS.split(' ')) {
  test(`${expected} is spelled so as a bound`, () => assert.equal(formatFloat(Number(expected)), expected));
}

test('times are seconds to the millisecond', () => {
  assert.equal(formatUnixSeconds(START), '1763700000.123');
  assert.equal(formatUnixSeconds(1000.4), '1');
});
