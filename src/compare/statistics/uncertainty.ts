// Variances, each with the degrees of freedom that it is known by, and what follows from them.
import type { Drift } from './drift.js';
import { upperTail } from './student-t.js';
import type { Spread } from './windows.js';

/** One source of uncertainty. */
export interface Uncertainty {
  readonly variance: number;
  readonly df: number;
}

const LARGE_DF = 1e6;

/** Variance of a mean whose spread is known from all of `spreads` together. */
export function uncertaintyOf(spreads: readonly Spread[], scale: number): Uncertainty | undefined {
  const df = spreads.reduce((sum, spread) => sum + spread.df, 0);
  if (df === 0) return undefined;
  return { variance: (scale * spreads.reduce((sum, { squares }) => sum + squares, 0)) / df, df };
}

/** The sum of independent uncertainties, with Satterthwaite's degrees of freedom. */
export function combine(parts: readonly Uncertainty[]): Uncertainty {
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const squares = parts.reduce((sum, part) => sum + part.variance ** 2 / part.df, 0);
  return { variance, df: squares > 0 ? variance ** 2 / squares : LARGE_DF };
}

/** The chance of `value` or more if there were no effect; `value` is towards what is asked. */
export function tailOf(value: number, { variance, df }: Uncertainty): number {
  if (variance === 0) return value > 0 ? 0 : 1;
  return upperTail(value / Math.sqrt(variance), Math.min(df, LARGE_DF));
}

/** The larger one: a few instances may agree by chance, or because nothing happened, better than their blocks allow. */
export function atLeast(floor: Uncertainty, uncertainty: Uncertainty | undefined): Uncertainty | undefined {
  return uncertainty !== undefined && floor.variance > uncertainty.variance ? floor : uncertainty;
}

/**
 * Both together: what instances wander each for itself is in both, and counts once. Never less than either, so that what
 * stands out of both stands out of each.
 */
export function withDrift(instances: Uncertainty, drift: Drift): Uncertainty {
  const sum = instances.variance + drift.variance - drift.ownVariance;
  const variance = Math.max(instances.variance, drift.variance, sum);
  const { df } = combine([instances, drift]);
  return {
    variance,
    df: Math.min(df, sum < variance ? (drift.variance > instances.variance ? drift.df : instances.df) : df),
  };
}
