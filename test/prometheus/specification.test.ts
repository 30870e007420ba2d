// OpenTelemetry's "Prometheus and OpenMetrics Compatibility", section "OTLP Metric points to Prometheus", and the parts of
// "Metrics Exporter - Prometheus" that are about what is written: a test for each rule, by the names of its sections.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Escaping, Format } from '../../src/prometheus/format.js';
import type { DroppedSeries } from '../../src/prometheus/merge.js';
import { negotiateFormat } from '../../src/prometheus/negotiation.js';
import type { SerializeOptions } from '../../src/prometheus/serialize.js';
import type { TranslationStrategy } from '../../src/prometheus/translation.js';
import { expose } from '../support/expose.js';
import { type FamilyFixture, tableOf } from '../support/series-table.js';

const OPEN_METRICS: Format = { kind: 'openmetrics', version: '1.0.0', escaping: 'underscores' };
const START = 1_763_700_000_000;

const text = (fixtures: readonly FamilyFixture[], options: SerializeOptions = {}) =>
  expose([tableOf(...fixtures)], options);
const open = (fixtures: readonly FamilyFixture[], options: SerializeOptions = {}) =>
  text(fixtures, { format: OPEN_METRICS, ...options });
const one = (fixture: Partial<FamilyFixture>): FamilyFixture[] => [{ name: 'x', series: [[{}, 1]], ...fixture }];
const namesIn = (exposition: string) => [...exposition.matchAll(/^[^#\s{]+/gm)].map(([name]) => name);

describe('Metric Metadata', () => {
  test('no duplicate UNIT, HELP or TYPE comments for one name', () => {
    const fixtures: FamilyFixture[] = [
      { name: 'a.b', unit: 's', description: 'one', series: [[{ k: '1' }, 1]] },
      { name: 'a_b', unit: 's', description: 'two', series: [[{ k: '2' }, 2]] },
      { name: 'a.b', unit: 's', description: 'one', scope: { name: 'lib' }, series: [[{ k: '3' }, 3]] },
    ];
    for (const exposition of [text(fixtures), open(fixtures)]) {
      const comments = exposition.match(/^# (TYPE|HELP|UNIT) \S+/gm) ?? [];
      assert.equal(new Set(comments).size, comments.length);
    }
  });
  test('entire metrics are dropped to prevent conflicting TYPE comments, with a warning', () => {
    const dropped: DroppedSeries[] = [];
    const exposition = text(
      [
        { name: 'a.b', kind: 'gauge', series: [[{}, 1]] },
        { name: 'a_b', kind: 'histogram', bounds: [1], series: [[{}, 1, 0, 1]] },
      ],
      { onDrop: (drop) => dropped.push(drop) },
    );
    assert.deepEqual(namesIn(exposition), ['a_b']);
    assert.deepEqual(dropped, [{ metric: 'a_b', reason: 'conflict', series: 1 }]);
  });
  test('metric points are kept where only UNIT or HELP conflict, with a warning', () => {
    const dropped: DroppedSeries[] = [];
    const exposition = text(
      [
        { name: 'a', description: 'one', series: [[{ k: '1' }, 1]] },
        { name: 'a', unit: '{thing}', description: 'two', series: [[{ k: '2' }, 2]] },
      ],
      { onDrop: (drop) => dropped.push(drop) },
    );
    assert.deepEqual(namesIn(exposition), ['a', 'a']);
    assert.deepEqual(
      dropped.map(({ reason }) => reason),
      ['comment'],
    );
  });
  test('discouraged characters become _, several _ become one', () => {
    assert.deepEqual(namesIn(text(one({ name: 'a.b--c__d/é' }))), ['a_b_c_d_']);
  });
  // The table of units, "Metric Metadata".
  const UNITS =
    'days d,hours h,minutes min,seconds s,milliseconds ms,microseconds us,nanoseconds ns,bytes By,kibibytes KiBy,mebibytes MiBy,gibibytes GiBy,tebibytes TiBy,kilobytes kBy,megabytes MBy,gigabytes GBy,terabytes TBy,meters m,volts V,amperes A,joules J,watts W,grams g,celsius Cel,hertz Hz,percent %';
  for (const [word, unit = ''] of UNITS.split(',').map((pair) => pair.split(' '))) {
    test(`the unit ${unit} becomes ${word}, in the name and as metadata`, () => {
      const exposition = open(one({ unit }));
      assert.deepEqual(namesIn(exposition), [`x_${word}`]);
      assert.match(exposition, new RegExp(`^# UNIT x_${word} ${word}$`, 'm'));
    });
  }
  test('portions of the unit within brackets are dropped', () => {
    assert.deepEqual(namesIn(text(one({ unit: '{packet}' }))), ['x']);
    assert.deepEqual(namesIn(text(one({ unit: 'By{sent}' }))), ['x_bytes']);
  });
  test('rates over time become words', () =>
    assert.deepEqual(namesIn(text(one({ unit: 'm/s' }))), ['x_meters_per_second']));
  test('no unit is added to a name that ends in it, and it stands before the suffixes of the type', () => {
    assert.deepEqual(namesIn(text(one({ name: 'wait.seconds', unit: 's' }))), ['wait_seconds']);
    assert.deepEqual(namesIn(text(one({ name: 'wait.seconds.total', unit: 's', kind: 'counter' }))), [
      'wait_seconds_total',
    ]);
    assert.deepEqual(namesIn(text(one({ name: 'wait', unit: 's', kind: 'counter' }))), ['wait_seconds_total']);
  });
  test('the description is HELP, the type of the point is TYPE', () => {
    assert.match(text(one({ description: 'What it is.' })), /^# HELP x What it is\.\n# TYPE x gauge\n/);
    assert.match(open(one({ description: 'What it is.' })), /^# TYPE x gauge\n# HELP x What it is\.\n/);
  });
});

describe('Instrumentation Scope', () => {
  const scope = {
    name: 'lib',
    version: '1.2',
    schemaUrl: 'https://example.org/1',
    attributes: [
      ['a.b', 'c'],
      ['name', 'stolen'],
      ['schema.url', 'stolen'],
    ],
  } as const;
  test('name, version, schema URL and attributes are labels of every point, and clashing attributes are dropped', () => {
    assert.match(
      text(one({ scope }), { scopeLabels: true }),
      /^x\{otel_scope_a_b="c",otel_scope_name="lib",otel_scope_schema_url="https:\/\/example\.org\/1",otel_scope_version="1\.2"\} 1$/m,
    );
    const histogram = text(one({ kind: 'histogram', bounds: [], series: [[{}, 1, 1]], scope }), { scopeLabels: true });
    assert.equal(histogram.match(/otel_scope_name="lib"/g)?.length, 3);
  });
  test('equal metrics of two scopes stay apart', () => {
    const fixtures: FamilyFixture[] = [
      { name: 'x', scope: { name: 'a' }, series: [[{}, 1]] },
      { name: 'x', scope: { name: 'b' }, series: [[{}, 2]] },
    ];
    assert.equal(text(fixtures, { scopeLabels: true }).match(/^x\{/gm)?.length, 2);
  });
});

describe('Gauges', () => {
  test('a gauge is a gauge, without exemplars', () => {
    assert.match(text(one({ kind: 'gauge' })), /^# TYPE x gauge$/m);
    assert.match(open(one({ kind: 'gauge' })), /^x 1$/m);
  });
});

describe('Sums', () => {
  test('a monotonic sum is a counter and ends in _total', () => {
    assert.match(text(one({ kind: 'counter' })), /^# TYPE x_total counter\nx_total 1$/m);
    assert.match(open(one({ kind: 'counter' })), /^# TYPE x counter\n# HELP .*\nx_total 1$/m);
    assert.deepEqual(namesIn(text(one({ name: 'x_total', kind: 'counter' }))), ['x_total']);
  });
  test('a sum that is not monotonic is a gauge', () => {
    assert.match(text(one({ kind: 'updowncounter' })), /^# TYPE x gauge\nx 1$/m);
  });
  test('the start of a monotonic sum is told where the format can', () => {
    const [fixture] = one({ kind: 'counter', startUnixMs: START });
    assert.match(open(fixture === undefined ? [] : [fixture]), /^x_created 1763700000$/m);
    assert.doesNotMatch(open(one({ kind: 'updowncounter', startUnixMs: START })), /created/);
  });
});

describe('Histograms as Prometheus Histograms', () => {
  const histogram = one({
    kind: 'histogram',
    bounds: [1, 2.5],
    startUnixMs: START,
    series: [[{ a: 'b' }, 1, 2, 3, 12.5]],
  });
  test('buckets are cumulative, ascending, and the last one is +Inf', () => {
    assert.deepEqual(text(histogram).match(/^x_.*$/gm), [
      'x_bucket{a="b",le="1"} 1',
      'x_bucket{a="b",le="2.5"} 3',
      'x_bucket{a="b",le="+Inf"} 6',
      'x_sum{a="b"} 12.5',
      'x_count{a="b"} 6',
    ]);
  });
  test('the start is told where the format can', () =>
    assert.match(open(histogram), /^x_created\{a="b"\} 1763700000$/m));
});

describe('Exponential Histograms', () => {
  test('as classic buckets: bounds may change from one series to the next', () => {
    const at = (bounds: readonly number[], a: string): FamilyFixture => ({
      name: 'x',
      kind: 'histogram',
      bounds,
      series: [[{ a }, 1, 1, 2]],
    });
    assert.deepEqual(text([at([1], '1'), at([2], '2')]).match(/le="[\d.]+"/g), ['le="1"', 'le="2"']);
  });
});

describe('Metric Attributes', () => {
  test('discouraged characters become _, and keys that become one label are joined in their order', () => {
    const series = [[{ b_c: '2', 'b.c': '1', 'b-c': '0', 'd..e': 'f' }, 1]] as const;
    assert.match(text(one({ series })), /^x\{b_c="0;1;2",d_e="f"\} 1$/m);
  });
});

describe('Exemplar Conversion', () => {
  const table = () => {
    const result = tableOf({ name: 'x', kind: 'counter', series: [[{}, 1]] });
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const exemplars = [{ series: 0, bucket: 0, value: 1, unixMs: START, ...ids }];
    result.apply({ unixMs: 0, added: [], removed: [], values: result.values, exemplars });
    return result;
  };
  test('trace_id, span_id and the time, where the format has exemplars', () => {
    assert.match(
      expose([table()], { format: OPEN_METRICS }),
      /^x_total 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"\} 1 1763700000$/m,
    );
  });
  test('dropped where it has none', () => assert.match(expose([table()]), /^x_total 1$/m));
});

describe('Resource Attributes', () => {
  const resource = { 'service.name': 'shop', 'a.b': '1', a_b: '2' };
  test('the resource is one target info metric with nothing but its attributes', () => {
    const exposition = open(one({}), { resource, constantLabels: { v: '1' } });
    assert.deepEqual(exposition.match(/^target_info.*$/gm), ['target_info{a_b="1;2",service_name="shop"} 1']);
    assert.match(exposition, /^# TYPE target info$/m);
  });
  test('a gauge where the format has no infos', () =>
    assert.match(text([], { resource }), /^# TYPE target_info gauge$/m));
  test('none for an empty resource', () => assert.doesNotMatch(text(one({}), { resource: {} }), /target/));
  test('no resource attributes on metrics unless they are asked for', () =>
    assert.match(text(one({}), { resource }), /^x 1$/m));
});

describe('Metrics Exporter - Prometheus: Version and Format, Content Negotiation', () => {
  test('text 0.0.4 with underscores where nothing is asked for', () => {
    assert.deepEqual(negotiateFormat(undefined), { kind: 'text', version: '0.0.4', escaping: 'underscores' });
  });
  test('no timestamps on points', () => {
    const fixtures = one({ kind: 'counter', startUnixMs: START });
    for (const exposition of [text(fixtures), open(fixtures)]) assert.match(exposition, /^x_total 1$/m);
  });
});

describe('Metrics Exporter - Prometheus: Interaction with Translation Strategy', () => {
  const TABLE: readonly (readonly [TranslationStrategy, Readonly<Record<Escaping, string>>])[] = [
    [
      'UnderscoreEscapingWithSuffixes',
      {
        underscores: 'foo_bar_bytes_total',
        'allow-utf-8': 'foo_bar_bytes_total',
        dots: 'foo__bar__bytes__total',
        values: 'foo_bar_bytes_total',
      },
    ],
    [
      'UnderscoreEscapingWithoutSuffixes',
      { underscores: 'foo_bar', 'allow-utf-8': 'foo_bar', dots: 'foo__bar', values: 'foo_bar' },
    ],
    [
      'NoUTF8EscapingWithSuffixes',
      {
        underscores: 'foo_bar_bytes_total',
        'allow-utf-8': '{"foo.bar_bytes_total"}',
        dots: 'foo_dot_bar__bytes__total',
        values: 'U__foo_2e_bar__bytes__total',
      },
    ],
    [
      'NoTranslation',
      { underscores: 'foo_bar', 'allow-utf-8': '{"foo.bar"}', dots: 'foo_dot_bar', values: 'U__foo_2e_bar' },
    ],
  ];
  for (const [strategy, names] of TABLE) {
    for (const [escaping, name] of Object.entries(names) as [Escaping, string][]) {
      test(`${strategy}, escaping=${escaping}: ${name}`, () => {
        const fixtures = one({ name: 'foo.bar', unit: 'By', kind: 'counter' });
        for (const kind of ['text', 'openmetrics'] as const) {
          const exposition = text(fixtures, { strategy, format: { kind, version: '1.0.0', escaping } });
          assert.equal(/^([^#].*) 1$/m.exec(exposition)?.[1], name);
        }
      });
    }
  }
});
