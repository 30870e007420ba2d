// Means of instances over windows of time, the load taken out.
import type { LoadCurve } from './load-curve.js';
import type { Point } from './points.js';
import { groupBy, largestOf, meanOf, squaresAround } from './summary.js';
import type { Uncertainty } from './uncertainty.js';

/** The mean level of each instance. */
export type InstanceMeans = ReadonlyMap<string, number>;

/** A sum of squares and its degrees of freedom. */
export interface Spread {
  readonly squares: number;
  readonly df: number;
}

/** What an instance must have of a window. */
const MINIMUM_SHARE_OF_WINDOW = 0.5;

/** Mean level per instance, at the middle load. Instances with fewer than `minimumPoints` are left out. */
export function instanceMeans(points: readonly Point[], curve: LoadCurve, minimumPoints = 1): InstanceMeans {
  const means = new Map<string, number>();
  for (const [instance, own] of groupBy(points, (point) => point.instance)) {
    if (own.length >= minimumPoints) means.set(instance, meanOf(own.map(({ level, load }) => level - curve.at(load))));
  }
  return means;
}

/** A block resembles those beside it: it takes two of them for one. */
const BLOCKS_FOR_ONE = 2;

/** How uncertain the mean of `means` is by the blocks alone, as if instances did not differ. */
export function noiseOfMeans(points: readonly Point[], curve: LoadCurve, means: InstanceMeans): Uncertainty {
  let sum = 0;
  let df = 0;
  for (const [instance, own] of groupBy(points, (point) => point.instance)) {
    if (!means.has(instance) || own.length < 2) continue;
    const squares = squaresAround(own.map(({ level, load }) => level - curve.at(load)));
    sum += (BLOCKS_FOR_ONE * squares) / (own.length - 1) / own.length;
    df += (own.length - 1) / BLOCKS_FOR_ONE;
  }
  return { variance: sum / means.size ** 2, df: Math.max(1, df) };
}

/** The spread of several groups of means, each around its own mean. */
export function spreadWithin(groups: readonly InstanceMeans[]): Spread {
  let squares = 0;
  let df = 0;
  for (const group of groups) {
    if (group.size < 2) continue;
    squares += squaresAround([...group.values()]);
    df += group.size - 1;
  }
  return { squares, df };
}

/** Successive windows of `lengthS`, the means of those instances that have at least half of one. */
export function slideWindows(
  points: readonly Point[],
  curve: LoadCurve,
  lengthS: number,
  blockS: number,
): InstanceMeans[] {
  if (points.length === 0) return [];
  const lastS = largestOf(points.map(({ startS }) => startS)) + blockS;
  const minimum = Math.max(1, (MINIMUM_SHARE_OF_WINDOW * lengthS) / blockS);
  const groups = groupBy(points, ({ startS }) => Math.floor((lastS - blockS - startS) / lengthS));
  const count = largestOf(groups.keys()) + 1;
  return Array.from({ length: count }, (_, index) =>
    instanceMeans(groups.get(count - 1 - index) ?? [], curve, minimum),
  );
}
