// The store: what is recorded is what a snapshot says, and each reader learns of each series once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDefinition } from '../../src/metric-names.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import { createStore } from '../../src/recorder/store.js';
import { startSelfMetrics } from '../../src/self-metrics.js';
import { limitOf } from '../../src/series-limits.js';
import { readStore, rethrow } from '../support/read-store.js';

const counter: MetricDefinition = {
  name: 'test.count',
  unit: '1',
  kind: 'counter',
  description: '',
  attributes: ['a'],
  stability: 'experimental',
};
const gauge: MetricDefinition = { ...counter, name: 'test.gauge', kind: 'gauge' };
const histogram: MetricDefinition = { ...counter, name: 'test.histogram', kind: 'histogram', bounds: [1, 2.5] };

const clock = { monotonicMs: () => 0, unixMs: () => 1000 };

function openStore(report: (error: unknown) => void = (error) => assert.fail(String(error))) {
  const store = createStore({ clock, report });
  return { store, reader: store.open(), table: new SeriesTable() };
}

/** Values of every living series as `name{pairs}`. */
function show(table: SeriesTable): Record<string, number[]> {
  const shown: Record<string, number[]> = {};
  for (const { family, series } of table.families.values()) {
    for (const { attributes, offset } of series.values()) {
      const length = family.bounds === undefined ? 1 : family.bounds.length + 2;
      const labels = attributes.map(([key, value]) => `${key}=${value}`).join(',');
      shown[`${family.name}{${labels}}`] = [...table.values.slice(offset, offset + length)];
    }
  }
  return shown;
}

test('sums, observations and histograms come out as they went in', () => {
  const { store, reader, table } = openStore();
  store.sum(counter, { a: 'x' }).add(2);
  store.sum(counter, { a: 'x' }).add(3);
  store.sum(counter, { a: 7 }).add(1);
  store.observation(gauge).set(-0.5);
  const series = store.histogram(histogram);
  for (const value of [0.5, 1, 1.0001, 2.5, 3, Number.NaN]) series.record(value);
  table.apply(reader.read());
  assert.deepEqual(show(table), {
    'test.count{a=x}': [5],
    'test.count{a=7}': [1],
    'test.gauge{}': [-0.5],
    // Bounds are inclusive, as in Prometheus; NaN falls in no bucket and is left out.
    'test.histogram{}': [2, 2, 1, 8.0001],
  });
});

test('a series crosses once, and a late reader is told of everything', () => {
  const { store, reader } = openStore();
  store.sum(counter, { a: 'x' }).add(1);
  assert.equal(reader.read().added.length, 1);
  assert.equal(reader.read().added.length, 0);
  assert.equal(store.open().read().added.length, 1);
});

test('a released series goes away, its place is used again from zero, and its old handle writes nowhere', () => {
  const { store, reader, table } = openStore();
  const gone = store.histogram(histogram, { a: 'gone' });
  gone.record(2);
  table.apply(reader.read());
  gone.release();
  gone.release();
  const next = store.histogram(histogram, { a: 'next' });
  gone.record(2);
  next.record(9);
  table.apply(reader.read());
  assert.deepEqual(show(table), { 'test.histogram{a=next}': [0, 0, 1, 9] });
});

test('a series that two hold stays until both released it', () => {
  const { store, reader, table } = openStore();
  const one = store.sum(counter, { a: 'x' });
  const two = store.sum(counter, { a: 'x' });
  one.add(1);
  one.release();
  two.add(1);
  table.apply(reader.read());
  assert.deepEqual(show(table), { 'test.count{a=x}': [2] });
  two.release();
  table.apply(reader.read());
  assert.deepEqual(show(table), {});
});

test('a series that came and went between two snapshots is never told of', () => {
  const { store, reader } = openStore();
  store.sum(counter, { a: 'short' }).release();
  const { added, removed } = reader.read();
  assert.deepEqual([added, removed], [[], []]);
});

const DROPPED = 'loopsight.self.series.dropped{loopsight.self.metric=test.count}';

test('series beyond the limit of a metric share one that says so', () => {
  const { store, reader, table } = openStore();
  const limited = { ...counter, seriesLimit: 2 };
  for (const a of ['1', '2', '3', '4', '1']) store.sum(limited, { a }).add(1);
  table.apply(reader.read());
  assert.deepEqual(show(table), {
    'test.count{a=1}': [2],
    'test.count{a=2}': [1],
    'test.count{otel.metric.overflow=true}': [2],
  });
  assert.deepEqual([...store.droppedSeries], [['test.count', 2]]);
});

test('what passes the limit is told of once and counted by metric, and a place that is free again is taken', () => {
  const told: [string, number][] = [];
  const onOverflow = (...args: [string, number]) => told.push(args);
  const store = createStore({
    clock,
    report: rethrow,
    limitOf: ({ name }) => (name === counter.name ? 1 : 9),
    onOverflow,
  });
  const self = startSelfMetrics(store);
  const first = store.sum(counter, { a: '1' });
  store.sum({ ...counter, name: 'other' }, { a: '1' }).add(1);
  assert.equal(readStore(store)[DROPPED], undefined);
  assert.equal(readStore(store)['loopsight.self.series.dropped'], 0);
  for (const a of ['2', '3']) store.sum(counter, { a }).add(1);
  assert.deepEqual([...store.droppedSeries], [[counter.name, 2]]);
  assert.deepEqual(told, [[counter.name, 1]]);
  // From 0 on, so that the first ones are an increase.
  assert.equal(readStore(store)[DROPPED], 0);
  assert.equal(readStore(store)[DROPPED], 2);
  first.release();
  store.sum(counter, { a: '4' }).add(5);
  assert.equal(readStore(store)[`${counter.name}{a=4}`], 5);
  self.stop();
  assert.equal(readStore(store)[DROPPED], undefined);
});

test('a limit is what was given for the metric, else the smaller one of its own and of that for all', () => {
  const limits = { seriesLimit: 100, seriesLimits: { given: 7, many: 5000 } };
  assert.equal(limitOf({ name: 'some' }, limits), 100);
  assert.equal(limitOf({ name: 'some', seriesLimit: 20 }, limits), 20);
  assert.equal(limitOf({ name: 'some', seriesLimit: 200 }, limits), 100);
  assert.equal(limitOf({ name: 'given', seriesLimit: 200 }, limits), 7);
  assert.equal(limitOf({ name: 'many', seriesLimit: 200 }, limits), 5000);
  assert.equal(limitOf({ name: 'toString' }, limits), 100);
});

test('values are right across pages', () => {
  const { store, reader, table } = openStore();
  const many = Array.from({ length: 1500 }, (_, i) => store.histogram(histogram, { a: i }));
  many.forEach((series, i) => {
    series.record(i);
  });
  table.apply(reader.read());
  const shown = show(table);
  assert.deepEqual(shown['test.histogram{a=0}'], [1, 0, 0, 0]);
  assert.deepEqual(shown['test.histogram{a=1499}'], [0, 0, 1, 1499]);
  assert.equal(
    Object.values(shown).filter(([first, second, third]) => (first ?? 0) + (second ?? 0) + (third ?? 0) !== 1).length,
    0,
  );
});

test('collection callbacks run before values are read; one that throws spoils nothing', () => {
  const errors: unknown[] = [];
  const { store, reader, table } = openStore((error) => errors.push(error));
  const value = store.observation(gauge);
  const undo = store.onCollect(() => {
    throw new Error('broken');
  });
  store.onCollect(() => value.set(4));
  table.apply(reader.read());
  assert.deepEqual(show(table), { 'test.gauge{}': [4] });
  assert.equal(errors.length, 1);
  undo();
  reader.read();
  assert.equal(errors.length, 1);
});
