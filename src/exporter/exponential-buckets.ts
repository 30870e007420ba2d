// Exponential histograms as classic ones. Prometheus' text formats have no other way to show them, and a series needs the
// same bounds at each scrape, while an SDK halves the resolution of its buckets whenever their range grows. So the bounds
// here are powers of two at any resolution (each of the SDK's buckets lies between two of them), of whole blocks of four
// (so that processes which have seen similar values have the same bounds), and they are only ever added to.
import type { SdkExponentialBuckets, SdkExponentialHistogram } from './sdk-metrics.js';

/** Bounds on one side of zero: the powers of two with exponents from `low` to `high`, both included. */
interface Side {
  readonly low: number;
  readonly high: number;
}

/** The buckets that all series of one metric share. */
export interface BucketLayout {
  /** Exponents from one bound to the next: 1, or more where the values of a metric spread over too many powers of two. */
  readonly step: number;
  readonly positive: Side | undefined;
  readonly negative: Side | undefined;
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
}

/** Bounds on one side of zero are at most as many as an SDK has buckets there by default. */
const MAX_STEPS = 160;
const BLOCK = 4;
// The exponents of the smallest and of the largest power of two that is a number.
const LOWEST = -1074;
const HIGHEST = 1023;

/** No values but zeros so far. */
export const NO_BUCKETS: BucketLayout = { step: 1, positive: undefined, negative: undefined, bounds: [] };

/** A layout that has room for `value` as well; `layout` itself where it has. */
export function extendLayout(layout: BucketLayout, value: SdkExponentialHistogram): BucketLayout {
  let step = Math.max(layout.step, value.scale < 0 ? 2 ** -value.scale : 1);
  const seen = { positive: spanOf(value.positive, value.scale), negative: spanOf(value.negative, value.scale) };
  const join = (a: Side | undefined, b: Side | undefined) => (a === undefined ? b : b === undefined ? a : union(a, b));
  const widest = { positive: join(layout.positive, seen.positive), negative: join(layout.negative, seen.negative) };
  const tooWide = (side: Side | undefined) => side !== undefined && (side.high - side.low) / step > MAX_STEPS;
  let positive = align(widest.positive, step);
  let negative = align(widest.negative, step);
  while (tooWide(positive) || tooWide(negative)) {
    step *= 2;
    positive = align(widest.positive, step);
    negative = align(widest.negative, step);
  }
  if (step === layout.step && areEqual(positive, layout.positive) && areEqual(negative, layout.negative)) return layout;
  return { step, positive, negative, bounds: boundsOf(step, positive, negative) };
}

/** Writes the count of each bucket, +Inf last, and the sum (NaN where there is none) to `page` from `start` on. */
export function fillBuckets(
  { step, positive, negative, bounds }: BucketLayout,
  value: SdkExponentialHistogram,
  page: Float64Array,
  start: number,
): void {
  const infinite = bounds.length;
  page.fill(0, start, start + infinite + 1);
  const add = (bucket: number, count: number) => {
    page[start + bucket] = (page[start + bucket] ?? 0) + count;
  };
  // Without values below zero there is no bound at zero: zeros are in the lowest bucket.
  const zero = negative === undefined ? 0 : (negative.high - negative.low) / step + 1;
  add(zero, value.zeroCount);
  const firstPositive = negative === undefined ? 0 : zero + 1;
  eachBucket(value.positive, value.scale, (_low, high, count) => {
    const { low: first, high: last } = positive ?? { low: 0, high: -1 };
    const exponent = Math.max(Math.ceil(high / step) * step, first);
    add(exponent > last ? infinite : firstPositive + (exponent - first) / step, count);
  });
  eachBucket(value.negative, value.scale, (low, _high, count) => {
    const { low: last, high: first } = negative ?? { low: 0, high: -1 };
    const exponent = Math.min(Math.floor(low / step) * step, first);
    add(exponent < last ? zero : (first - exponent) / step, count);
  });
  page[start + infinite + 1] = value.sum ?? Number.NaN;
}

/** Visits buckets that count anything, with the exponents of the powers of two around them. */
function eachBucket(
  { offset, bucketCounts }: SdkExponentialBuckets,
  scale: number,
  visit: (low: number, high: number, count: number) => void,
): void {
  for (let i = 0; i < bucketCounts.length; i++) {
    const count = bucketCounts[i] ?? 0;
    if (count === 0) continue;
    const low = Math.floor((offset + i) * 2 ** -scale);
    visit(low, Math.ceil((offset + i + 1) * 2 ** -scale), count);
  }
}

function spanOf(buckets: SdkExponentialBuckets, scale: number): Side | undefined {
  let span: Side | undefined;
  eachBucket(buckets, scale, (low, high) => {
    span = span === undefined ? { low, high } : union(span, { low, high });
  });
  return span;
}

function union(a: Side, b: Side): Side {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

function align(side: Side | undefined, step: number): Side | undefined {
  if (side === undefined) return undefined;
  const block = Math.max(step, BLOCK);
  return {
    low: Math.max(Math.floor(side.low / block) * block, Math.ceil(LOWEST / step) * step),
    high: Math.min(Math.ceil(side.high / block) * block, Math.floor(HIGHEST / step) * step),
  };
}

function areEqual(a: Side | undefined, b: Side | undefined): boolean {
  return a?.low === b?.low && a?.high === b?.high;
}

function boundsOf(step: number, positive: Side | undefined, negative: Side | undefined): number[] {
  const powers = (side: Side | undefined) =>
    side === undefined
      ? []
      : Array.from({ length: (side.high - side.low) / step + 1 }, (_, i) => 2 ** (side.low + i * step));
  const below = powers(negative).map((power) => -power);
  return [...below.reverse(), ...(negative === undefined ? [] : [0]), ...powers(positive)];
}
