// Histograms from the answers for their buckets and sums: pure.
import type { Increase } from '../observations.js';
import { ownCounts } from '../statistics/increase.js';
import { groupBy } from '../statistics/summary.js';
import type { Series } from './matrix.js';
import { plausible } from './plausible.js';

/** What a histogram gained until a time; undefined where that is not known. */
export type IncreaseAt = (timeMs: number) => Increase | undefined;

/** The histograms of `buckets` and `sums`, by what `keyOf` tells apart. */
export function histogramsOf(
  buckets: readonly Series[],
  sums: readonly Series[],
  keyOf: (series: Series) => string,
): Map<string, IncreaseAt> {
  const sumOf = new Map(sums.map((series) => [keyOf(series), series.values]));
  const byKey = groupBy(
    buckets.flatMap((series) => {
      const bound = boundOf(series);
      return Number.isNaN(bound) ? [] : [{ bound, series }];
    }),
    ({ series }) => keyOf(series),
  );
  return new Map(
    [...byKey].map(([key, of]) => {
      of.sort((a, b) => a.bound - b.bound);
      const at: IncreaseAt = (timeMs) => {
        const cumulative = new Map<number, number>();
        for (const { bound, series } of of) {
          // Bounds change with the library, and their spelling (1 and 1.0) with the server: at each time there are others.
          const given = series.values.get(timeMs);
          if (given === undefined) continue;
          const count = plausible(given);
          if (count === undefined) return undefined;
          cumulative.set(bound, (cumulative.get(bound) ?? 0) + count);
        }
        const bounds = [...cumulative.keys()].filter(Number.isFinite);
        // Without the last bucket, or with nothing but it, the counts of others cannot be told.
        if (bounds.length === 0 || bounds.length === cumulative.size) return undefined;
        return { bounds, counts: ownCounts([...cumulative.values()]), sum: plausible(sumOf.get(key)?.get(timeMs)) };
      };
      return [key, at];
    }),
  );
}

function boundOf({ labels }: Series): number {
  const le = labels.get('le') ?? '';
  return le === '+Inf' ? Number.POSITIVE_INFINITY : le.trim() === '' ? Number.NaN : Number(le);
}
