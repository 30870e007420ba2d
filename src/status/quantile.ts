// Mean and quantiles of a histogram with cumulative buckets.

/** A histogram over one period. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  /** Ascending, +Inf last; counts are cumulative. */
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
}

/** A quantile; `beyond` where it lies above the last finite bound, which `value` then is. */
export interface Quantile {
  readonly value: number;
  readonly beyond: boolean;
}

/** The mean, in the metric's unit; undefined without data. */
export function mean({ count, sum }: Distribution): number | undefined {
  return count > 0 ? sum / count : undefined;
}

/**
 * The quantile by linear interpolation within its bucket, as `histogram_quantile` of Prometheus does it; undefined
 * without data.
 *
 * @example
 * quantile({ count: 100, sum: 1, buckets: [{ bound: 0.1, count: 100 }, { bound: Infinity, count: 100 }] }, 0.5)?.value; // 0.05
 */
export function quantile({ buckets }: Distribution, share: number): Quantile | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (!(total > 0)) return undefined;
  const rank = share * total;
  let lower = 0;
  let below = 0;
  for (const { bound, count } of buckets) {
    if (count >= rank && count > below) {
      if (bound === Number.POSITIVE_INFINITY) return { value: lower, beyond: true };
      return { value: lower + ((bound - lower) * (rank - below)) / (count - below), beyond: false };
    }
    lower = bound;
    below = Math.max(below, count);
  }
  return undefined;
}
