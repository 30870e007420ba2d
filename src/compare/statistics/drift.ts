// How much all instances wander together without any deploy: the placebo.
import type { LoadCurve } from './load-curve.js';
import type { Point } from './points.js';
import { meanOf, spanOf, squaresAround } from './summary.js';
import { type InstanceMeans, slideWindows } from './windows.js';

/** What windows of the past differ by, and how many independent ones there are. */
export interface Drift {
  /** Difference between a window and the one `lag` windows before it, mean over the instances that are in both. */
  readonly differences: readonly number[];
  /** Mean square of the differences. */
  readonly variance: number;
  /** The part of it that instances wander each for itself. */
  readonly ownVariance: number;
  readonly df: number;
  /** Whether it was concluded from shorter windows, for want of history. */
  readonly isExtrapolated: boolean;
}

/** Successive differences share a window, which costs them a third of their degrees of freedom. */
const SHARED_WINDOW_COST = 1.5;

/** The placebo: the statistic of a comparison, taken where nothing was deployed. */
export function driftOf(windows: readonly InstanceMeans[], lag: number): Drift | undefined {
  const differences: number[] = [];
  const ownParts: number[] = [];
  for (let index = lag; index < windows.length; index += 1) {
    const before = windows[index - lag] ?? new Map<string, number>();
    const own: number[] = [];
    for (const [instance, mean] of windows[index] ?? []) {
      const earlier = before.get(instance);
      if (earlier !== undefined) own.push(mean - earlier);
    }
    if (own.length > 0) differences.push(meanOf(own));
    if (own.length > 1) ownParts.push(squaresAround(own) / (own.length - 1) / own.length);
  }
  if (differences.length === 0) return undefined;
  const variance = meanOf(differences.map((difference) => difference ** 2));
  const ownVariance = ownParts.length === 0 ? 0 : meanOf(ownParts);
  return {
    differences,
    variance,
    ownVariance,
    df: differences.length / Math.max(SHARED_WINDOW_COST, lag),
    isExtrapolated: false,
  };
}

/** The windows that are compared: their length, and the distance of their middles. */
export interface WindowPair {
  readonly lengthS: number;
  readonly apartS: number;
  readonly blockS: number;
}

const MINIMUM_DIFFERENCES = 5;
/** Gaps and restarts cost windows: shorter ones are tried where too few are left. */
const SHORT_WINDOWS = [6, 9, 12, 18] as const;

/**
 * The drift between windows such as the two that are compared. Where the past is too short to hold such windows, it is
 * concluded from short windows of what there is, as if the level walked at random and never came back, which overrates it.
 */
export function driftBetween(
  past: readonly Point[],
  baseline: readonly Point[],
  curve: LoadCurve,
  { lengthS, apartS, blockS }: WindowPair,
): Drift | undefined {
  const lag = Math.max(1, Math.round(apartS / lengthS));
  const drift = driftOf(slideWindows(past, curve, lengthS, blockS), lag);
  if (drift !== undefined && drift.differences.length >= MINIMUM_DIFFERENCES) return drift;

  const points = [...past, ...baseline];
  const spanS = spanOf(points.map(({ startS }) => startS)) + blockS;
  const found = SHORT_WINDOWS.map((count) => Math.max(blockS, Math.floor(spanS / count / blockS) * blockS))
    .map((shortS) => ({ shortS, short: driftOf(slideWindows(points, curve, shortS, blockS), 1) }))
    .find(({ short }) => short !== undefined && short.differences.length >= MINIMUM_DIFFERENCES);
  if (found?.short === undefined) return undefined;
  const { shortS, short } = found;
  // Means over windows of a random walk differ by the distance of their middles less a third of their length.
  const factor = Math.max(1, (Math.abs(apartS) - lengthS / 3) / (shortS - shortS / 3));
  return {
    ...short,
    differences: short.differences.map((difference) => difference * Math.sqrt(factor)),
    variance: short.variance * factor,
    isExtrapolated: true,
  };
}
