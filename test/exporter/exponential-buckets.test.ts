// Exponential histograms as classic ones: counts that are true at every bound, and bounds that stay.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { type BucketLayout, extendLayout, fillBuckets, NO_BUCKETS } from '../../src/exporter/exponential-buckets.js';
import type { SdkExponentialHistogram } from '../../src/exporter/sdk-metrics.js';
import { createRandom } from '../support/random.js';

class Reader extends MetricReader {
  override async onForceFlush() {}
  override async onShutdown() {}
}

/** What an SDK makes of `values`. */
async function aggregate(values: readonly number[], maxSize = 160): Promise<SdkExponentialHistogram> {
  const reader = new Reader({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize } } as const;
  const provider = new MeterProvider({ readers: [reader], views: [{ instrumentName: 'h', aggregation }] });
  // An SDK refuses negative values for histograms, but a view may make one of a counter that goes up and down.
  const histogram = provider.getMeter('test').createUpDownCounter('h');
  for (const value of values) histogram.add(value);
  const { resourceMetrics } = await reader.collect();
  const point = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0];
  await provider.shutdown();
  return point?.value as unknown as SdkExponentialHistogram;
}

function cumulative(layout: BucketLayout, value: SdkExponentialHistogram): { counts: number[]; sum: number } {
  // Numbers of an earlier collection are in the way.
  const page = new Float64Array(layout.bounds.length + 4).fill(7);
  fillBuckets(layout, value, page, 1);
  let count = 0;
  const counts = [...page.subarray(1, layout.bounds.length + 2)].map((bucket) => (count += bucket));
  return { counts, sum: page[layout.bounds.length + 2] ?? 0 };
}

const random = createRandom(20261121);
const spread = (from: number, to: number) => 2 ** (from + random.next() * (to - from));
const many = (count: number, make: () => number) => Array.from({ length: count }, make);

const CASES: readonly (readonly [title: string, values: readonly number[], maxSize?: number])[] = [
  ['a single value', [3]],
  ['zeros alone', [0, 0, 0]],
  ['zeros among others', [0, 0, 1.5, 700]],
  ['powers of two', [0.25, 0.5, 1, 2, 4, 1024]],
  ['latencies', many(500, () => spread(-12, 4))],
  ['negative values', many(200, () => -spread(-3, 9))],
  ['values around zero', [...many(200, () => spread(-8, 8)), ...many(200, () => -spread(-6, 3)), 0, 0]],
  ['few buckets', many(300, () => spread(-40, 40)), 4],
  ['two buckets', many(300, () => spread(-300, 300)), 2],
  ['a range of hundreds of powers of two', many(300, () => spread(-700, 700))],
  // Smaller ones are taken by an SDK for the smallest that has all digits.
  ['the whole range of numbers', [2 ** -1021, 3e-308, 1, Number.MAX_VALUE]],
  ['the whole range of negative numbers', [-3e-308, -1, -Number.MAX_VALUE, 5]],
];

describe('every bound counts the values up to it', () => {
  for (const [title, values, maxSize] of CASES) {
    test(title, async () => {
      const value = await aggregate(values, maxSize);
      const layout = extendLayout(NO_BUCKETS, value);
      const { counts } = cumulative(layout, value);
      const { bounds } = layout;
      assert.deepEqual(
        bounds,
        [...new Set(bounds)].sort((a, b) => a - b),
        'bounds ascend',
      );
      assert.ok(bounds.length <= 2 * 165, `${bounds.length} bounds`);
      const expected = bounds.map(
        // A bucket below zero holds its upper bound no more: what lies on it is counted one bound later.
        (bound) => values.filter((one) => (bound < 0 ? one < bound : one <= bound)).length,
      );
      assert.deepEqual(counts, [...expected, values.length]);
    });
  }
});

test('bounds are whole blocks of four powers of two', async () => {
  const layout = extendLayout(NO_BUCKETS, await aggregate([0.3, 5]));
  assert.deepEqual(layout.bounds, [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16]);
});

test('values within the bounds leave the layout as it is, also where the SDK has changed its own', async () => {
  const first = extendLayout(NO_BUCKETS, await aggregate([0.3, 5]));
  for (const values of [[1], [0.26, 0.27, 15.9], many(1000, () => spread(-3.9, 3.9)), [0]]) {
    assert.equal(extendLayout(first, await aggregate(values, 20)), first);
  }
});

test('bounds are only ever added', async () => {
  let layout = NO_BUCKETS;
  for (let round = 0; round < 60; round++) {
    const before = layout;
    const next = await aggregate(many(3, () => spread(-20, 20) * (round > 40 && random.next() > 0.5 ? -1 : 1)));
    layout = extendLayout(layout, next);
    assert.deepEqual(
      before.bounds.filter((bound) => !layout.bounds.includes(bound)),
      [],
    );
  }
});

test('where there are too many, those that remain are some of the earlier ones', async () => {
  const fine = extendLayout(NO_BUCKETS, await aggregate([1, 2 ** 100]));
  const coarse = extendLayout(fine, await aggregate([2 ** -400, 2 ** 400]));
  assert.equal(fine.step, 1);
  assert.equal(coarse.step, 8);
  // Each of the two would do with every power of two, but not both.
  const far = extendLayout(fine, await aggregate([2 ** 300, 2 ** 400]));
  assert.equal(far.step, 4);
  assert.ok(far.bounds.length <= 161);
  const inRange = coarse.bounds.filter((bound) => bound >= 1 && bound <= 2 ** 100);
  assert.ok(inRange.length > 10);
  assert.deepEqual(
    inRange.filter((bound) => !fine.bounds.includes(bound)),
    [],
  );
});

test('the sum is what the SDK says, and NaN where it says none', async () => {
  const value = await aggregate([1, 2]);
  const layout = extendLayout(NO_BUCKETS, value);
  assert.equal(value.sum, undefined);
  assert.ok(Number.isNaN(cumulative(layout, value).sum));
  assert.equal(cumulative(layout, { ...value, sum: 3 }).sum, 3);
});
