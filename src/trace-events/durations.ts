// Durations of one kind, counted in narrow buckets: any number of them takes the same memory.

/** Each bucket is 4 % wider than the one before: a quantile is at most 2 % off. */
const BUCKETS_PER_E = 25;

/** What is known of many durations, in milliseconds. */
export interface DurationFigures {
  readonly count: number;
  readonly totalMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** Counts durations. */
export interface Durations {
  /** Adds one, in microseconds. */
  add(us: number): void;
  /** Undefined while there is none. */
  figures(): DurationFigures | undefined;
}

/**
 * A count of durations.
 *
 * @example
 * ```ts
 * const durations = createDurations();
 * durations.add(1500);
 * durations.figures()?.maxMs; // 1.5
 * ```
 */
export function createDurations(): Durations {
  const buckets = new Map<number, number>();
  let count = 0;
  let totalUs = 0;
  let maxUs = 0;

  function quantile(share: number): number {
    let left = share * count;
    for (const [bucket, inBucket] of [...buckets].sort(([a], [b]) => a - b)) {
      left -= inBucket;
      if (left <= 0) return Math.min(Math.exp(bucket / BUCKETS_PER_E) - 1, maxUs) / 1000;
    }
    return maxUs / 1000;
  }

  return {
    add(us) {
      const known = Math.max(us, 0);
      // Below a microsecond, which is all that the clock of trace events tells, is 0.
      const bucket = Math.round(Math.log(known + 1) * BUCKETS_PER_E);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      count++;
      totalUs += known;
      maxUs = Math.max(maxUs, known);
    },
    figures() {
      if (count === 0) return undefined;
      return {
        count,
        totalMs: totalUs / 1000,
        p50Ms: quantile(0.5),
        p95Ms: quantile(0.95),
        maxMs: maxUs / 1000,
      };
    },
  };
}
