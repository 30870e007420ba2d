// Collections to snapshots: every kind of point, ids that stay, series that come, go, begin anew and overflow.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  MeterProvider,
  MetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { systemClock } from '../../src/clock.js';
import { POINT_TYPE, type SdkCollection, type SdkMetric, TEMPORALITY } from '../../src/exporter/sdk-metrics.js';
import { createSdkSnapshots, type SdkSnapshotsOptions } from '../../src/exporter/sdk-snapshots.js';
import { SeriesTable, type Snapshot } from '../../src/prometheus/snapshot.js';
import { rethrow } from '../support/read-store.js';

class Reader extends MetricReader {
  override async onForceFlush() {}
  override async onShutdown() {}
}

function snapshotsOf(collect: () => Promise<SdkCollection>, more: Partial<SdkSnapshotsOptions> = {}) {
  return createSdkSnapshots({
    clock: systemClock,
    collect,
    prefix: '',
    units: true,
    limitOf: () => 2000,
    describeTarget: (resource) => ({ resource, constantLabels: {} }),
    onOverflow: rethrow,
    report: rethrow,
    ...more,
  });
}

/** An SDK with a meter and a reader of its snapshots. */
function sdk({ views = [], ...more }: Partial<SdkSnapshotsOptions> & { views?: ViewOptions[] } = {}) {
  const reader = new Reader({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  const provider = new MeterProvider({ readers: [reader], views });
  return { meter: provider.getMeter('test', '1.0'), ...follow(snapshotsOf(() => reader.collect(), more).open()) };
}

function follow(reader: { read(): Promise<Snapshot> }) {
  const table = new SeriesTable();
  return {
    table,
    async read(): Promise<Snapshot> {
      const snapshot = await reader.read();
      table.apply(snapshot);
      return snapshot;
    },
    /** `name{key=value}` to the values. */
    shown: () => shownIn(table),
  };
}

function shownIn(table: SeriesTable): Record<string, number[]> {
  const lines: Record<string, number[]> = {};
  for (const { series } of table.families.values()) {
    for (const { family, attributes, offset } of series.values()) {
      const length = family.bounds === undefined ? 1 : family.bounds.length + 2;
      const key = `${family.name}{${attributes.map((pair) => pair.join('=')).join(',')}}`;
      assert.equal(lines[key], undefined, `${key} is there twice`);
      lines[key] = [...table.values.subarray(offset, offset + length)];
    }
  }
  return lines;
}

const time = (ms: number): [number, number] => [Math.floor(ms / 1000), (ms % 1000) * 1e6];

/** A collection as a MetricProducer of an application might make it: new objects each time. */
function made(
  metrics: readonly Partial<SdkMetric>[],
  resource: SdkCollection['resourceMetrics']['resource'] = { attributes: {} },
) {
  const full = metrics.map((metric) => ({
    descriptor: { name: 'made', description: '', unit: '' },
    aggregationTemporality: TEMPORALITY.cumulative,
    dataPointType: POINT_TYPE.sum,
    isMonotonic: true,
    dataPoints: [],
    ...metric,
  }));
  return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'made' }, metrics: full }] }, errors: [] };
}

const point = (attributes: Record<string, unknown>, value: unknown, startMs = 1000) => ({
  attributes,
  value,
  startTime: time(startMs),
});

test('the numbers of types and temporalities are those of the SDK', () => {
  assert.deepEqual(POINT_TYPE, {
    histogram: DataPointType.HISTOGRAM,
    exponentialHistogram: DataPointType.EXPONENTIAL_HISTOGRAM,
    gauge: DataPointType.GAUGE,
    sum: DataPointType.SUM,
  });
  assert.deepEqual(TEMPORALITY, { delta: AggregationTemporality.DELTA, cumulative: AggregationTemporality.CUMULATIVE });
});

describe('an SDK', () => {
  test('every kind of instrument has its values, at every collection', async () => {
    const views: ViewOptions[] = [
      { instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: 'both',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0] } },
      },
    ];
    const { meter, read, shown, table } = sdk({ views });
    let observed = 10;
    meter.createObservableCounter('observed').addCallback((result) => result.observe(observed, { at: 'all' }));
    meter.createObservableGauge('gauge.observed').addCallback((result) => result.observe(-observed));
    meter.createObservableUpDownCounter('both.observed').addCallback((result) => result.observe(observed - 15));
    const counter = meter.createCounter('counter', { unit: 's', description: 'It counts.' });
    const histogram = meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [1, 2.5] } });
    const exponential = meter.createHistogram('exponential');
    const both = meter.createUpDownCounter('both');
    const gauge = meter.createGauge('gauge');
    for (const round of [1, 2]) {
      counter.add(2, { of: 'a' });
      counter.add(0.5, { of: 'b' });
      for (const value of [0.5, 1, 2, 99]) histogram.record(value);
      exponential.record(3);
      both.add(-4);
      gauge.record(round * 7);
      await read();
      assert.deepEqual(shown(), {
        'observed{at=all}': [observed],
        'gauge.observed{}': [-observed],
        'both.observed{}': [observed - 15],
        'counter{of=a}': [2 * round],
        'counter{of=b}': [0.5 * round],
        'histogram{}': [2 * round, round, round, 102.5 * round],
        'exponential{}': [0, 0, round, 0, 0, 0, 3 * round],
        'both{}': [round, 0, Number.NaN],
        'gauge{}': [7 * round],
      });
      observed += 10;
    }
    const kinds = [...table.families.values()].map(({ family }) => [family.name, family.kind, family.hasSum]);
    assert.deepEqual(Object.fromEntries(kinds.map(([name, ...rest]) => [name, rest])), {
      observed: ['counter', undefined],
      'gauge.observed': ['gauge', undefined],
      'both.observed': ['updowncounter', undefined],
      counter: ['counter', undefined],
      histogram: ['histogram', undefined],
      exponential: ['histogram', undefined],
      both: ['histogram', false],
      gauge: ['gauge', undefined],
    });
    const counted = [...table.families.values()].find(({ family }) => family.name === 'counter')?.family;
    assert.deepEqual(counted, {
      name: 'counter',
      unit: 's',
      kind: 'counter',
      description: 'It counts.',
      scope: { name: 'test', version: '1.0' },
    });
  });

  test('a series crosses once and keeps its id while others come', async () => {
    const { meter, read } = sdk();
    const counter = meter.createCounter('counter');
    counter.add(1, { of: 'a' });
    const first = await read();
    assert.equal(first.added.length, 1);
    counter.add(1, { of: 'a' });
    assert.deepEqual((await read()).added, []);
    counter.add(1, { of: 'b' });
    meter.createCounter('another').add(1);
    const third = await read();
    assert.deepEqual(
      third.added.map(({ attributes }) => attributes),
      [[['of', 'b']], []],
    );
    assert.deepEqual([...third.removed], []);
    assert.ok(third.added.every(({ id }) => id !== first.added[0]?.id));
  });

  test('the bounds of an exponential histogram grow for all its series at once', async () => {
    const view = { instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } } as const;
    const { meter, read, shown, table } = sdk({ views: [view] });
    const histogram = meter.createHistogram('h');
    histogram.record(3, { of: 'a' });
    histogram.record(9, { of: 'b' });
    await read();
    assert.deepEqual(shown()['h{of=a}'], [0, 0, 1, 0, 0, 0, 3]);
    histogram.record(1000, { of: 'b' });
    const grown = await read();
    assert.equal(grown.added.length, 2);
    assert.equal(grown.removed.length, 2);
    const [family] = [...table.families.values()];
    const bounds = [...(family?.series.values() ?? [])].map((series) => series.family.bounds);
    assert.deepEqual(
      bounds[0],
      Array.from({ length: 13 }, (_, i) => 2 ** i),
    );
    assert.deepEqual(bounds[1], bounds[0]);
    assert.equal(shown()['h{of=b}']?.at(-1), 1009);
  });

  test('a counter that is observed to have begun anew is a new series', async () => {
    const { meter, read, shown } = sdk();
    let observed = 10;
    meter.createObservableCounter('observed').addCallback((result) => result.observe(observed));
    const first = await read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    observed = 4;
    const second = await read();
    assert.deepEqual(shown(), { 'observed{}': [4] });
    assert.deepEqual([...second.removed], [first.added[0]?.id]);
    assert.ok((second.added[0]?.startUnixMs ?? 0) > (first.added[0]?.startUnixMs ?? Infinity));
  });
});

describe('an application that makes its own points', () => {
  test('points are found again whatever their order and objects', async () => {
    let points = [point({ of: 'a' }, 1), point({ of: 'b' }, 2), point({ of: 'c' }, 3)];
    const { read, shown } = follow(snapshotsOf(async () => made([{ dataPoints: points }])).open());
    await read();
    points = [point({ of: 'c' }, 30), point({ of: 'a' }, 10), point({ of: 'b' }, 20)];
    const second = await read();
    assert.deepEqual([...second.added, ...second.removed], []);
    assert.deepEqual(shown(), { 'made{of=a}': [10], 'made{of=b}': [20], 'made{of=c}': [30] });
    points = [point({ of: 'c' }, 300)];
    assert.equal((await read()).removed.length, 2);
    points = [point({ of: 'b' }, 4), point({ of: 'c' }, 301)];
    assert.equal((await read()).added.length, 1);
    assert.deepEqual(shown(), { 'made{of=b}': [4], 'made{of=c}': [301] });
  });

  test('a metric that is not there any more is removed, and may come back', async () => {
    let metrics: Partial<SdkMetric>[] = [{ dataPoints: [point({}, 1)] }];
    const { read, shown } = follow(snapshotsOf(async () => made(metrics)).open());
    await read();
    metrics = [];
    assert.equal((await read()).removed.length, 1);
    metrics = [{ dataPoints: [point({}, 5)] }];
    await read();
    assert.deepEqual(shown(), { 'made{}': [5] });
  });

  test('bounds with infinity, bounds that change, and counts that are missing', async () => {
    let value: object = { buckets: { boundaries: [1, Infinity], counts: [3, 2] }, sum: 9 };
    const metric = () => ({ dataPointType: POINT_TYPE.histogram, dataPoints: [point({}, value)] });
    const { read, shown } = follow(snapshotsOf(async () => made([metric()])).open());
    await read();
    assert.deepEqual(shown(), { 'made{}': [3, 2, 9] });
    value = { buckets: { boundaries: [1, 2], counts: [3] }, sum: 9 };
    await read();
    assert.deepEqual(shown(), { 'made{}': [3, 0, 0, 9] });
  });

  test('what no reader of Prometheus understands is left out and told', async () => {
    const told: string[] = [];
    const metrics: Partial<SdkMetric>[] = [
      { descriptor: { name: 'delta', description: '', unit: '' }, aggregationTemporality: TEMPORALITY.delta },
      { descriptor: { name: 'odd', description: '', unit: '' }, dataPointType: 9 },
      { dataPoints: [point({}, 1)] },
    ];
    const report = (cause: string, error: unknown) => told.push(`${cause}: ${(error as Error).message}`);
    const { read, shown } = follow(snapshotsOf(async () => made(metrics), { report }).open());
    await read();
    assert.deepEqual(shown(), { 'made{}': [1] });
    assert.deepEqual(told, [
      'a metric with delta temporality cannot be shown: delta',
      'a metric of an unknown type cannot be shown: odd',
    ]);
  });

  test('a metric that is not what it should be hides no other, and is told', async () => {
    const told: string[] = [];
    const report = (cause: string) => told.push(cause);
    let broken = { attributes: null, value: 1, startTime: time(0) } as unknown as ReturnType<typeof point>;
    const metrics = (): Partial<SdkMetric>[] => [
      { descriptor: { name: 'broken', description: '', unit: '' }, dataPoints: [point({}, 1), broken] },
      { dataPoints: [point({}, 2)] },
    ];
    const { read, shown } = follow(snapshotsOf(async () => made(metrics()), { report }).open());
    for (let round = 0; round < 2; round++) {
      await read();
      assert.deepEqual(shown(), { 'made{}': [2] });
    }
    assert.deepEqual(told, ['a metric cannot be shown', 'a metric cannot be shown']);
    broken = point({ of: 'a' }, 3);
    await read();
    assert.deepEqual(shown(), { 'made{}': [2], 'broken{}': [1], 'broken{of=a}': [3] });
  });

  test('thousands of metrics of new objects are found again in linear time', async () => {
    const collect = async () =>
      made(
        Array.from({ length: 5000 }, (_, i) => ({
          descriptor: { name: `made.${i}`, description: '', unit: '' },
          dataPoints: [point({}, i)],
        })),
      );
    const { read } = follow(snapshotsOf(collect).open());
    assert.equal((await read()).added.length, 5000);
    const started = process.cpuUsage();
    assert.deepEqual((await read()).added, []);
    // Quadratic time would be seconds.
    const { user, system } = process.cpuUsage(started);
    assert.ok(user + system < 1e6, `${user + system} µs`);
  });

  test('attribute values of any kind become text', async () => {
    const attributes = {
      b: true,
      n: 1.5,
      list: ['x', 1, null],
      object: { y: 1 },
      none: undefined,
      nothing: null,
      nan: Number.NaN,
      big: 9n,
    };
    const { read, shown } = follow(snapshotsOf(async () => made([{ dataPoints: [point(attributes, 1)] }])).open());
    await read();
    assert.deepEqual(Object.keys(shown()), ['made{b=true,big=9,list=["x",1,null],n=1.5,nan=NaN,object={"y":1}}']);
  });

  test('two metrics that are alike have series of their own', async () => {
    const descriptor = { name: 'made', description: '', unit: '' };
    const metrics = [
      { descriptor, dataPoints: [point({}, 1)] },
      { descriptor, dataPoints: [point({}, 2)] },
    ];
    const { read, table } = follow(snapshotsOf(async () => made(metrics)).open());
    const first = await read();
    assert.equal(first.added.length, 2);
    assert.deepEqual((await read()).added, []);
    assert.deepEqual(first.added.map(({ offset }) => table.values[offset]).sort(), [1, 2]);
  });

  test('equal series are both kept, for the serialiser to tell of', async () => {
    const { read, table } = follow(
      snapshotsOf(async () => made([{ dataPoints: [point({}, 1), point({}, 2)] }])).open(),
    );
    for (let round = 0; round < 3; round++) await read();
    const series = [...table.families.values()].flatMap((family) => [...family.series.values()]);
    assert.deepEqual(series.map(({ offset }) => table.values[offset]).sort(), [1, 2]);
  });
});

describe('the limit of series', () => {
  test('further series share one, which adds up; its metric is told of once and counted', async () => {
    const told: [string, number][] = [];
    const { meter, read, shown } = sdk({
      limitOf: (name) => (name === 'c' ? 2 : 2000),
      onOverflow: (...args) => told.push(args),
    });
    const counter = meter.createCounter('c');
    for (const round of [1, 2, 3]) {
      for (const of of ['a', 'b', 'c', 'd']) counter.add(1, { of });
      await read();
      assert.deepEqual(shown(), {
        'c{of=a}': [round],
        'c{of=b}': [round],
        'c{otel.metric.overflow=true}': [2 * round],
        'loopsight.self.series.dropped{loopsight.self.metric=c}': [round === 1 ? 0 : 2],
      });
    }
    assert.deepEqual(told, [['c', 2]]);
  });

  test('as many as the limit do not overflow', async () => {
    const { meter, read, shown } = sdk({ limitOf: () => 2 });
    const counter = meter.createCounter('c');
    for (const of of ['a', 'b']) counter.add(1, { of });
    await read();
    assert.deepEqual(shown(), { 'c{of=a}': [1], 'c{of=b}': [1] });
  });

  test('what the SDK itself has let overflow is in the same series', async () => {
    const { meter, read, shown } = sdk({
      limitOf: () => 3,
      onOverflow: () => {},
      views: [{ instrumentName: 'c', aggregationCardinalityLimit: 3 }],
    });
    const counter = meter.createCounter('c');
    // The SDK counts anew at each collection, so that its limit alone does not bound what it reports.
    for (const names of [
      ['a', 'b', 'c', 'd'],
      ['e', 'f', 'g'],
    ]) {
      for (const of of names) counter.add(1, { of });
      await read();
    }
    await read();
    assert.deepEqual(shown(), {
      'c{of=a}': [1],
      'c{of=b}': [1],
      'c{of=e}': [1],
      'c{otel.metric.overflow=true}': [4],
      'loopsight.self.series.dropped{loopsight.self.metric=c}': [1],
    });
  });

  test('histograms add up bucket by bucket, and of gauges the last one shows', async () => {
    const histogram = (count: number) => ({ buckets: { boundaries: [1], counts: [count, 1] }, sum: count });
    const metrics = [
      {
        descriptor: { name: 'h', description: '', unit: '' },
        dataPointType: POINT_TYPE.histogram,
        dataPoints: [1, 2, 3].map((count) => point({ of: count }, histogram(count))),
      },
      {
        descriptor: { name: 'g', description: '', unit: '' },
        dataPointType: POINT_TYPE.gauge,
        dataPoints: [1, 2, 3].map((value) => point({ of: value }, value)),
      },
    ];
    const { read, shown } = follow(
      snapshotsOf(async () => made(metrics), {
        limitOf: (name) => (name.length > 1 ? 9 : 1),
        onOverflow: () => {},
      }).open(),
    );
    for (let round = 0; round < 2; round++) await read();
    assert.deepEqual(shown()['h{otel.metric.overflow=true}'], [5, 2, 5]);
    assert.deepEqual(shown()['g{otel.metric.overflow=true}'], [3]);
  });
});

describe('readers', () => {
  test('each is told of every series once, and values are its own', async () => {
    const snapshots = snapshotsOf(async () => made([{ dataPoints: [point({}, 1)] }]));
    const early = follow(snapshots.open());
    const first = await early.read();
    const late = follow(snapshots.open());
    const [again, other] = await Promise.all([early.read(), late.read()]);
    assert.equal(first.added.length, 1);
    assert.equal(again.added.length, 0);
    assert.equal(other.added.length, 1);
    assert.notEqual(again.values.buffer, other.values.buffer);
  });

  test('who reads late is told nothing of what came and went before', async () => {
    let metrics: Partial<SdkMetric>[] = [{ dataPoints: [point({}, 1)] }];
    const snapshots = snapshotsOf(async () => made(metrics));
    const [early, late] = [snapshots.open(), snapshots.open()];
    await early.read();
    metrics = [];
    assert.equal((await early.read()).removed.length, 1);
    const { added, removed } = await late.read();
    assert.deepEqual([added, removed], [[], []]);
  });

  test('share one collection, and a failed one fails those who waited for it and no later one', async () => {
    let collections = 0;
    let failure: Error | undefined = new Error('not bound');
    const snapshots = snapshotsOf(async () => {
      collections++;
      if (failure !== undefined) throw failure;
      return made([{ dataPoints: [point({}, 1)] }]);
    });
    const reader = snapshots.open();
    const results = await Promise.allSettled([reader.read(), reader.read(), snapshots.open().read()]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.equal(collections, 1);
    failure = undefined;
    assert.equal((await reader.read()).added.length, 1);
  });

  test('learn of the resource when all of it is known, and once', async () => {
    const attributes: Record<string, unknown> = { 'service.name': 'shop', 'process.command_args': ['a', 'b'] };
    let resource = { attributes: {} as Record<string, unknown>, asyncAttributesPending: true };
    const { read, table } = follow(snapshotsOf(async () => made([], resource)).open());
    assert.equal((await read()).target, undefined);
    resource = { attributes, asyncAttributesPending: false };
    const expected = { resource: { 'process.command_args': '["a","b"]', 'service.name': 'shop' }, constantLabels: {} };
    assert.deepEqual((await read()).target, expected);
    assert.equal((await read()).target, undefined);
    assert.deepEqual(table.target, expected);
  });
});
