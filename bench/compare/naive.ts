// The rules that people use: what they say of the same blocks.

import type { Block, Comparison, Increase } from '../../src/compare/observations.js';
import { addIncreases, countOf, quantileOfIncrease } from '../../src/compare/statistics/increase.js';
import { groupBy, meanOf, quantileOf } from '../../src/compare/statistics/summary.js';
import { upperNormalTail } from './normal.js';

/** Whether a rule calls the candidate worse. */
export type Rule = (comparison: Comparison) => boolean;

const SIGNIFICANT = 0.05;
const RATIO = 1.2;
const WARM_UP_S = 300;

/** The rules by what they are called in the table. */
export const NAIVE_RULES: Readonly<Record<string, Rule>> = {
  'KS of pooled lag buckets': (comparison) => {
    const [before, after] = pooledLag(comparison);
    return kolmogorovSmirnovP(before, after) < SIGNIFICANT && p99(after) > p99(before);
  },
  'chi² of pooled lag buckets': (comparison) => {
    const [before, after] = pooledLag(comparison);
    return chiSquareP(before, after) < SIGNIFICANT && p99(after) > p99(before);
  },
  'p99 of the lag > × 1.2': (comparison) => {
    const [before, after] = pooledLag(comparison);
    return p99(after) > RATIO * p99(before);
  },
  'any of four ratios > × 1.2': (comparison) =>
    Object.values(SERIES).some((read) => {
      const [before, after] = sidesOf(comparison).map((blocks) => meanOf(seriesOf(blocks, read)));
      return (after ?? 0) > RATIO * (before ?? 0);
    }),
  'Kayenta (Mann-Whitney)': (comparison) => {
    const high = Object.values(SERIES).filter((read) => {
      const [before, after] = sidesOf(comparison).map((blocks) => minutesOf(blocks, read));
      return kayentaCallsHigh(before ?? [], after ?? []);
    });
    return 100 * (1 - high.length / Object.keys(SERIES).length) < KAYENTA_PASS_SCORE;
  },
  'Welch t of instance means': (comparison) =>
    Object.values(SERIES).some((read) => {
      const [before, after] = sidesOf(comparison).map((blocks) =>
        [...groupBy(blocks, ({ instance }) => instance).values()].map((own) => meanOf(seriesOf(own, read))),
      );
      return welchP(before ?? [], after ?? []) < SIGNIFICANT;
    }),
};

/** Minute by minute, as a dashboard would ask for it. */
const SERIES: Readonly<Record<string, (block: Block) => number | undefined>> = {
  lag: ({ lag }) => (lag === undefined ? undefined : quantileOfIncrease(lag, 0.99)),
  active: ({ loopActiveS, requests }) =>
    loopActiveS === undefined || requests === 0 ? undefined : loopActiveS / requests,
  render: ({ functions }) => p99Of(functions.get('render')),
  query: ({ functions }) => p99Of(functions.get('query')),
};

function p99Of(increase: Increase | undefined): number | undefined {
  return increase === undefined ? undefined : quantileOfIncrease(increase, 0.99);
}

/** Both sides without the first five minutes of each process: the rules are helped that far. */
function sidesOf({ baseline, candidate }: Comparison): [Block[], Block[]] {
  const warm = (blocks: readonly Block[]) =>
    blocks.filter(({ ageS, requests }) => (ageS ?? 0) >= WARM_UP_S && requests > 0);
  return [warm(baseline.blocks), warm(candidate.blocks)];
}

function seriesOf(blocks: readonly Block[], read: (block: Block) => number | undefined): number[] {
  return blocks.map(read).filter((value) => value !== undefined);
}

/** One value a minute, the mean over the instances. */
function minutesOf(blocks: readonly Block[], read: (block: Block) => number | undefined): number[] {
  return [...groupBy(blocks, ({ startS }) => startS).values()].map((minute) => meanOf(seriesOf(minute, read)));
}

function pooledLag(comparison: Comparison): [Increase, Increase] {
  const [before, after] = sidesOf(comparison).map((blocks) => blocks.flatMap(({ lag }) => lag ?? []).reduce(mustAdd));
  if (before === undefined || after === undefined) throw new RangeError('Expected lag on both sides');
  return [before, after];
}

function mustAdd(a: Increase, b: Increase): Increase {
  const sum = addIncreases(a, b);
  if (sum === undefined) throw new RangeError('Expected equal bounds');
  return sum;
}

function p99(increase: Increase): number {
  return quantileOfIncrease(increase, 0.99) ?? 0;
}

function kolmogorovSmirnovP(a: Increase, b: Increase): number {
  const [n, m] = [countOf(a), countOf(b)];
  let [below, other, distance] = [0, 0, 0];
  a.counts.forEach((count, index) => {
    below += count / n;
    other += (b.counts[index] ?? 0) / m;
    distance = Math.max(distance, Math.abs(below - other));
  });
  return Math.min(1, 2 * Math.exp((-2 * distance ** 2 * n * m) / (n + m)));
}

/** By Wilson and Hilferty's approximation. */
function chiSquareP(a: Increase, b: Increase): number {
  const [n, m] = [countOf(a), countOf(b)];
  let statistic = 0;
  let df = -1;
  a.counts.forEach((count, index) => {
    const other = b.counts[index] ?? 0;
    const both = count + other;
    if (both < 10) return;
    df += 1;
    for (const [seen, total] of [
      [count, n],
      [other, m],
    ] as const) {
      const expected = (both * total) / (n + m);
      statistic += (seen - expected) ** 2 / expected;
    }
  });
  const share = 2 / (9 * df);
  return upperNormalTail(((statistic / df) ** (1 / 3) - (1 - share)) / Math.sqrt(share));
}

const KAYENTA_PASS_SCORE = 75;
const KAYENTA_TOLERANCE = 0.25;
const KAYENTA_Z = 2.326;

/** Kayenta's Mann-Whitney classifier: the 98 % interval of the shift lies above a quarter of the estimated shift. */
function kayentaCallsHigh(before: readonly number[], after: readonly number[]): boolean {
  const shifts = after.flatMap((value) => before.map((other) => value - other));
  const [n, m] = [before.length, after.length];
  const offset = (KAYENTA_Z * Math.sqrt((n * m * (n + m + 1)) / 12)) / (n * m);
  const low = quantileOf(shifts, Math.max(0, 0.5 - offset));
  return low > KAYENTA_TOLERANCE * Math.abs(quantileOf(shifts, 0.5));
}

/** One-sided, with the normal distribution's tail in place of t's where there are enough instances to ask at all. */
function welchP(before: readonly number[], after: readonly number[]): number {
  if (before.length < 2 || after.length < 2) return 1;
  const [a, b] = [before, after].map((values) => {
    const mean = meanOf(values);
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, variance: squares / (values.length - 1) / values.length };
  });
  if (a === undefined || b === undefined) return 1;
  return upperNormalTail((b.mean - a.mean) / Math.sqrt(a.variance + b.variance));
}
