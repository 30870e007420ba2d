// Exemplars of the store: the newest of each bucket, of sampled spans alone, told to each reader once, and bounded.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricDefinition } from '../../src/metric-names.js';
import { EXEMPLAR_SERIES_LIMIT, EXEMPLARS_PER_SNAPSHOT, type ExemplarSpan } from '../../src/recorder/exemplars.js';
import { createStore } from '../../src/recorder/store.js';
import { madeSpan, openExemplars } from '../support/read-exemplars.js';
import { rethrow } from '../support/read-store.js';

const counter: MetricDefinition = {
  name: 'test.count',
  unit: '1',
  kind: 'counter',
  description: '',
  attributes: ['a'],
  stability: 'experimental',
};
const histogram: MetricDefinition = { ...counter, name: 'test.histogram', kind: 'histogram', bounds: [1, 2.5] };

function openStore(limitOf?: () => number) {
  let nowMs = 1000;
  const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
  const store = createStore({ clock, report: rethrow, ...(limitOf === undefined ? {} : { limitOf }) });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { store, pass, read: openExemplars(store) };
}

test('each bucket has the newest value that was measured in a sampled span, with its time', () => {
  const { store, pass, read } = openStore();
  const series = store.histogram(histogram, { a: 'x' });
  series.record(0.25, madeSpan(1));
  pass(10);
  series.record(0.5, madeSpan(2));
  series.record(60, madeSpan(3));
  series.record(0.75);
  assert.deepEqual(read(), [
    { series: 'test.histogram{a=x}', bucket: 1, value: 0.5, unixMs: 1010, ...ids(2) },
    { series: 'test.histogram{a=x}', bucket: Number.POSITIVE_INFINITY, value: 60, unixMs: 1010, ...ids(3) },
  ]);
  pass(5);
  series.record(2, madeSpan(4));
  assert.deepEqual(
    read().map(({ bucket, unixMs, traceId }) => [bucket, unixMs, traceId]),
    [
      [1, 1010, madeSpan(2).traceId],
      [2.5, 1015, madeSpan(4).traceId],
      [Number.POSITIVE_INFINITY, 1010, madeSpan(3).traceId],
    ],
  );
});

test('a counter has the last addition; what goes up and down has none', () => {
  const { store, read } = openStore();
  store.sum(counter).add(3, madeSpan(1));
  store.sum({ ...counter, name: 'test.active', kind: 'updowncounter' }).add(1, madeSpan(2));
  assert.deepEqual(read(), [{ series: 'test.count{}', bucket: 'total', value: 3, unixMs: 1000, ...ids(1) }]);
});

test('a span that is told late is an exemplar of a value that was counted before', () => {
  const { store, read } = openStore();
  const series = store.histogram(histogram);
  series.record(2);
  series.exemplify(2, madeSpan(1));
  series.exemplify(Number.NaN, madeSpan(2));
  assert.deepEqual(
    read().map(({ bucket, value }) => [bucket, value]),
    [[2.5, 2]],
  );
  const { values, added } = store.open().read();
  assert.deepEqual([...values.subarray(added[0]?.offset, (added[0]?.offset ?? 0) + 4)], [0, 1, 0, 2]);
});

describe('what is no exemplar is counted all the same', () => {
  const cases: readonly (readonly [string, ExemplarSpan | undefined])[] = [
    ['no span', undefined],
    ['a span that is not sampled', madeSpan(1, 0)],
    ['a span that only has other flags', madeSpan(1, 2)],
    ['a trace id of zeros', { ...madeSpan(1), traceId: '0'.repeat(32) }],
    ['a span id of zeros', { ...madeSpan(1), spanId: '0'.repeat(16) }],
    ['an empty trace id', { ...madeSpan(1), traceId: '' }],
    ['a span of a tracer that knows no ids', { traceFlags: 1 } as ExemplarSpan],
    ['a trace id that is too long', { ...madeSpan(1), traceId: '4'.repeat(33) }],
    ['a trace id that is no number', { ...madeSpan(1), traceId: '"}'.repeat(16) }],
    ['a span id in capitals', { ...madeSpan(1), spanId: 'A'.repeat(16) }],
  ];
  for (const [name, span] of cases) {
    test(name, () => {
      const { store, read } = openStore();
      store.histogram(histogram).record(2, span);
      store.sum(counter).add(2, span);
      assert.deepEqual(read(), []);
      assert.deepEqual([...store.open().read().values], [0, 1, 0, 2, 2]);
    });
  }
});

test('each reader is told of each exemplar once, and a late one of all there are', () => {
  const { store } = openStore();
  const reader = store.open();
  const series = store.histogram(histogram);
  series.record(2, madeSpan(1));
  const told = () => reader.read().exemplars?.map(({ traceId }) => traceId);
  assert.deepEqual(told(), [madeSpan(1).traceId]);
  assert.equal(told(), undefined);
  series.record(2, madeSpan(2));
  series.record(0.5, madeSpan(3));
  assert.deepEqual(told()?.sort(), [madeSpan(2).traceId, madeSpan(3).traceId]);
  assert.equal(store.open().read().exemplars?.length, 2);
});

test('a released series takes its exemplars with it, and its old handle makes none', () => {
  const { store, read } = openStore();
  const gone = store.histogram(histogram, { a: 'gone' });
  gone.record(2, madeSpan(1));
  assert.equal(read().length, 1);
  gone.record(2, madeSpan(2));
  gone.release();
  gone.record(2, madeSpan(3));
  gone.exemplify(2, madeSpan(3));
  const next = store.histogram(histogram, { a: 'next' });
  next.record(2);
  assert.deepEqual(read(), []);
});

test('series beyond the limit of their metric share exemplars as they share values', () => {
  const { store, read } = openStore(() => 1);
  for (const a of [1, 2, 3]) store.sum(counter, { a }).add(1, madeSpan(a));
  assert.deepEqual(
    read().map(({ series, traceId }) => [series, traceId]),
    [
      ['test.count{a=1}', madeSpan(1).traceId],
      ['test.count{otel.metric.overflow=true}', madeSpan(3).traceId],
    ],
  );
});

test('of 10,000 series the first thousand have exemplars, and room is made when one of them ends', () => {
  const { store, read } = openStore(() => 20_000);
  const series = Array.from({ length: 10_000 }, (_, a) => store.sum(counter, { a }));
  for (const [number, one] of series.entries()) one.add(1, madeSpan(number + 1));
  assert.equal(read().length, EXEMPLAR_SERIES_LIMIT);
  series[0]?.release();
  series[9_999]?.add(1, madeSpan(1));
  series[9_998]?.add(1, madeSpan(1));
  const names = read().map(({ series: name }) => name);
  assert.equal(names.length, EXEMPLAR_SERIES_LIMIT);
  assert.ok(names.includes('test.count{a=9999}'));
});

test('a store without exemplars counts and keeps none', () => {
  const store = createStore({ clock: { monotonicMs: () => 0, unixMs: () => 0 }, exemplars: false, report: rethrow });
  store.histogram(histogram).record(2, madeSpan(1));
  const { values, exemplars } = store.open().read();
  assert.deepEqual([...values], [0, 1, 0, 2]);
  assert.equal(exemplars, undefined);
});

test('more exemplars than a snapshot takes come with the next ones, the oldest first, and none is lost', () => {
  const { store } = openStore(() => 20_000);
  const reader = store.open();
  const series = Array.from({ length: EXEMPLAR_SERIES_LIMIT }, (_, a) => store.histogram(histogram, { a }));
  for (const value of [0.5, 2, 3])
    for (const [number, one] of series.entries()) one.record(value, madeSpan(number + 1));
  const told = [1, 2, 3, 4].map(() => reader.read().exemplars ?? []);
  assert.deepEqual(
    told.map(({ length }) => length),
    [EXEMPLARS_PER_SNAPSHOT, EXEMPLARS_PER_SNAPSHOT, EXEMPLARS_PER_SNAPSHOT, 0],
  );
  assert.deepEqual(
    told.map((exemplars) => [...new Set(exemplars.map(({ bucket }) => bucket))]),
    [[0], [1], [2], []],
  );
});

function ids(number: number): { readonly traceId: string; readonly spanId: string } {
  const { traceId, spanId } = madeSpan(number);
  return { traceId, spanId };
}
