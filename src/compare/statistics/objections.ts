// What speaks against a change that stands out otherwise.

import type { Difference, Effect } from './effect.js';
import type { Point } from './points.js';
import { quantileOf } from './summary.js';

const MAXIMUM_PAST_SHARE = 0.05;

/** The later half of the points, in time. */
export function laterHalf(points: readonly Point[]): Point[] {
  const middle = quantileOf([...new Set(points.map(({ startS }) => startS))], 0.5);
  return points.filter(({ startS }) => startS >= middle);
}

/** Of a candidate that was only cold, the later half shows no relevant change any more. */
export function fades(later: Difference | undefined, relevant: number): boolean {
  return later !== undefined && later.value < relevant;
}

/** More than one in twenty windows of the past moved as far without any deploy. */
export function isUsual({ drift, value }: Effect, sign: 1 | -1): boolean {
  if (drift === undefined) return false;
  const asFar = drift.differences.filter((difference) => sign * difference >= sign * value).length;
  return asFar > MAXIMUM_PAST_SHARE * drift.differences.length;
}

/** The only candidate instance is among the baseline's instances, not beyond all of them. */
export function isAmong({ baseline, candidate }: Effect, sign: 1 | -1): boolean {
  const [only, ...others] = candidate.values();
  if (only === undefined || others.length > 0) return false;
  return [...baseline.values()].some((mean) => sign * mean >= sign * only);
}
