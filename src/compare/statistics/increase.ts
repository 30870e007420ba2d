// Quantiles and shares of what a histogram gained.
import type { Increase } from '../observations.js';

/**
 * What each bucket alone gained, from what it gained with all below it. Servers extrapolate each bucket by itself, so that
 * one may seem to have less than the one below.
 */
export function ownCounts(cumulative: readonly number[]): number[] {
  let below = 0;
  return cumulative.map((count) => {
    const own = Math.max(0, count - below);
    below = Math.max(below, count);
    return own;
  });
}

/** How many values the histogram gained. */
export function countOf({ counts }: Increase): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/**
 * The quantile `q`, above 0: between a bucket's bounds on a logarithmic scale, as our bounds are. The first bucket's
 * lower bound is taken as a quarter of its upper one. `undefined` of an empty histogram.
 */
export function quantileOfIncrease(increase: Increase, q: number): number | undefined {
  const { bounds, counts } = increase;
  const total = countOf(increase);
  if (total <= 0) return undefined;
  const rank = q * total;
  let below = 0;
  for (let index = 0; index < bounds.length; index += 1) {
    const count = counts[index] ?? 0;
    const upper = bounds[index];
    if (upper === undefined) break;
    if (count > 0 && below + count >= rank) {
      const lower = bounds[index - 1] ?? upper / 4;
      return lower <= 0 ? upper : lower * (upper / lower) ** ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1);
}

/** The share of values in the buckets above `bound`; `undefined` where no bucket ends there, or of an empty histogram. */
export function shareAbove({ bounds, counts }: Increase, bound: number): number | undefined {
  const last = bounds.findIndex((candidate) => Math.abs(candidate / bound - 1) < 1e-9);
  if (last === -1) return undefined;
  let above = 0;
  let total = 0;
  counts.forEach((count, index) => {
    total += count;
    if (index > last) above += count;
  });
  return total > 0 ? above / total : undefined;
}

/** Both together; `undefined` where the bounds differ. */
export function addIncreases(a: Increase, b: Increase): Increase | undefined {
  const alike = a.bounds.length === b.bounds.length && a.bounds.every((bound, index) => bound === b.bounds[index]);
  if (!alike) return undefined;
  const sum = a.sum === undefined || b.sum === undefined ? undefined : a.sum + b.sum;
  return { bounds: a.bounds, counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)), sum };
}
