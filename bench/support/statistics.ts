// The few statistics that the tables need.

/** The value below which the share `q` of `values` lies; throws a RangeError when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('Expected at least one value');
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle of `values`. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A figure and the interval that holds it in 95 of 100 repetitions. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The geometric mean of `ratios` with its bootstrap interval. */
export function estimateRatio(ratios: readonly number[], resamples = 4000): Estimate {
  const logs = ratios.map(Math.log);
  const means = Array.from({ length: resamples }, () => mean(logs.map(() => pick(logs))));
  return {
    value: Math.exp(mean(logs)),
    low: Math.exp(quantile(means, 0.025)),
    high: Math.exp(quantile(means, 0.975)),
  };
}

/** True where no value would fit both. */
export function areApart(a: Estimate, b: Estimate): boolean {
  return a.low > b.high || a.high < b.low;
}

/** `items` in random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function pick(values: readonly number[]): number {
  return values[Math.floor(Math.random() * values.length)] ?? Number.NaN;
}
