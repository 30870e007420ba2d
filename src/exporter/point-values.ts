// The values of an SDK's points, as they lie in a snapshot: one number, or the counts of buckets followed by the sum.
import { type BucketLayout, extendLayout, fillBuckets, NO_BUCKETS } from './exponential-buckets.js';
import { POINT_TYPE, type SdkExponentialHistogram, type SdkHistogram, type SdkPoint } from './sdk-metrics.js';

type Points = readonly SdkPoint<unknown>[];

/** Writes the points of one metric. */
export interface PointWriter {
  /** Upper bounds of the buckets without +Inf; undefined where points are single numbers. */
  readonly bounds: readonly number[] | undefined;
  /** False for histograms of what goes up and down. */
  readonly hasSum: boolean;
  /** Numbers in a point. */
  readonly length: number;
  /** Makes room for what `points` hold; true where that changes what is said above, so that all series begin anew. */
  adopt(points: Points): boolean;
  /** Writes a point to `page` from `index` on. */
  write(value: unknown, page: Float64Array, index: number): void;
}

/** The writer for points of `type`, which is one of POINT_TYPE. */
export function createPointWriter(type: number): PointWriter {
  if (type === POINT_TYPE.histogram) return new HistogramWriter();
  return type === POINT_TYPE.exponentialHistogram ? new ExponentialWriter() : NUMBERS;
}

const NUMBERS: PointWriter = {
  bounds: undefined,
  hasSum: true,
  length: 1,
  adopt: () => false,
  write(value, page, index) {
    page[index] = value as number;
  },
};

class HistogramWriter implements PointWriter {
  bounds: readonly number[] = [];
  hasSum = true;
  length = 2;
  #given: readonly number[] | undefined;

  adopt([first]: Points): boolean {
    if (first === undefined) return false;
    const { buckets, sum } = first.value as SdkHistogram;
    // An SDK hands over the same array each time.
    if (buckets.boundaries === this.#given) return false;
    this.#given = buckets.boundaries;
    const bounds = this.#given.filter((bound) => bound !== Infinity);
    const isSame = sameNumbers(bounds, this.bounds) && this.hasSum === (sum !== undefined);
    this.bounds = bounds;
    this.hasSum = sum !== undefined;
    this.length = bounds.length + 2;
    return !isSame;
  }

  write(value: unknown, page: Float64Array, index: number): void {
    const { buckets, sum } = value as SdkHistogram;
    const { counts } = buckets;
    const infinite = this.length - 2;
    for (let i = 0; i < infinite; i++) page[index + i] = counts[i] ?? 0;
    let beyond = 0;
    for (let i = infinite; i < counts.length; i++) beyond += counts[i] ?? 0;
    page[index + infinite] = beyond;
    page[index + infinite + 1] = sum ?? Number.NaN;
  }
}

class ExponentialWriter implements PointWriter {
  hasSum = true;
  #layout: BucketLayout = NO_BUCKETS;

  get bounds(): readonly number[] {
    return this.#layout.bounds;
  }

  get length(): number {
    return this.#layout.bounds.length + 2;
  }

  adopt(points: Points): boolean {
    const before = this.#layout;
    const had = this.hasSum;
    for (const { value } of points) {
      const histogram = value as SdkExponentialHistogram;
      this.#layout = extendLayout(this.#layout, histogram);
      this.hasSum = histogram.sum !== undefined;
    }
    return this.#layout !== before || this.hasSum !== had;
  }

  write(value: unknown, page: Float64Array, index: number): void {
    fillBuckets(this.#layout, value as SdkExponentialHistogram, page, index);
  }
}

function sameNumbers(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((number, index) => number === others[index]);
}
