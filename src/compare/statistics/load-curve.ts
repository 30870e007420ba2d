// How a measure follows the load within an instance. Waits: a parabola of logarithms, straight outside the loads that
// were seen. Costs per request: what is spent without any request is spread over more of them, so they fall with 1 / load
// and hardly move where the load is high; that holds beyond the loads that were seen.
import type { Point } from './points.js';
import { groupBy, meanOf, quantileOf, spanOf } from './summary.js';

/** The curve and how far it can be trusted. */
export interface LoadCurve {
  /** The level at a load, relative to that at the middle load. */
  at(load: number): number;
  /** Whether the load is among those that were seen, or near enough to them. */
  covers(load: number): boolean;
  /** Variance of the curve's part in the difference between two sets of loads. */
  varianceBetween(a: readonly number[], b: readonly number[]): number;
}

/**
 * Residuals within one stretch of time depend on each other; from stretch to stretch they count as independent. Two hours
 * where there are days; where there is little, shorter ones rather than none.
 */
const CLUSTER_S = 7200;
const MINIMUM_CLUSTERS = 10;
/** How far beyond the loads that were seen: waits steeply follow the load, costs hardly, and less the more was seen. */
const MARGIN_OF_WAITS = Math.log(1.1);
const MARGIN_OF_COSTS = Math.log(1.25);
const SHARE_OF_RANGE_OF_COSTS = 0.5;
const RIDGE = 1e-3;

type Pair = readonly [number, number];

/**
 * Fits the curve to the points of the baseline and of the past. What hardly follows the load (`isWait` false) is taken as
 * flat unless there is a day or so: within an hour, whatever else happened would look like the load's doing.
 */
export function fitLoadCurve(points: readonly Point[], isWait: boolean): LoadCurve {
  const loads = points.map(({ load }) => load);
  const middle = quantileOf(loads, 0.5) || 0;
  const low = quantileOf(loads, 0.01);
  const high = quantileOf(loads, 0.99);
  const termsAt = isWait
    ? (load: number): Pair => {
        const inside = Math.min(high, Math.max(low, load)) - middle;
        return [load - middle, inside ** 2 + 2 * inside * (load - middle - inside)];
      }
    : (load: number): Pair => [Math.exp(middle - load), 0];

  const rows = centred(points, termsAt);
  const normal = { a: RIDGE, b: 0, c: RIDGE, y1: 0, y2: 0 };
  for (const { terms, level } of rows) {
    normal.a += terms[0] ** 2;
    normal.b += terms[0] * terms[1];
    normal.c += terms[1] ** 2;
    normal.y1 += terms[0] * level;
    normal.y2 += terms[1] * level;
  }
  const determinant = normal.a * normal.c - normal.b ** 2;
  const solve = ([y1, y2]: Pair): Pair => [
    (normal.c * y1 - normal.b * y2) / determinant,
    (normal.a * y2 - normal.b * y1) / determinant,
  ];
  const spanS = spanOf(points.map(({ startS }) => startS));
  const isLong = spanS >= MINIMUM_CLUSTERS * CLUSTER_S;
  const clusterS = isLong ? CLUSTER_S : Math.max(1, spanS / MINIMUM_CLUSTERS);
  const isFlat = !isWait && !isLong;
  const slopes: Pair = isFlat ? [0, 0] : solve([normal.y1, normal.y2]);
  const influences = [...groupBy(rows, ({ startS }) => Math.floor(startS / clusterS)).values()].map((cluster) => {
    const score: [number, number] = [0, 0];
    for (const { terms, level } of cluster) {
      const residual = level - slopes[0] * terms[0] - slopes[1] * terms[1];
      score[0] += terms[0] * residual;
      score[1] += terms[1] * residual;
    }
    return solve(score);
  });
  const correction = influences.length > 2 ? influences.length / (influences.length - 2) : Number.POSITIVE_INFINITY;
  const margin = isWait ? MARGIN_OF_WAITS : MARGIN_OF_COSTS + (isLong ? SHARE_OF_RANGE_OF_COSTS * (high - low) : 0);

  return {
    at(load) {
      const terms = termsAt(load);
      return slopes[0] * terms[0] + slopes[1] * terms[1];
    },
    covers: (load) => load >= low - margin && load <= high + margin,
    varianceBetween(a, b) {
      const first = meanTerms(a.map(termsAt));
      const second = meanTerms(b.map(termsAt));
      const difference: Pair = [first[0] - second[0], first[1] - second[1]];
      if (isFlat) return 0;
      if (difference[0] === 0 && difference[1] === 0) return 0;
      let sum = 0;
      for (const influence of influences) sum += (influence[0] * difference[0] + influence[1] * difference[1]) ** 2;
      return correction * sum;
    },
  };
}

interface Row {
  readonly startS: number;
  readonly terms: Pair;
  readonly level: number;
}

/** Terms and levels less the means of their instance, so that instances that differ for ever do not bend the curve. */
function centred(points: readonly Point[], termsAt: (load: number) => Pair): Row[] {
  return [...groupBy(points, ({ instance }) => instance).values()].flatMap((own) => {
    const terms = own.map(({ load }) => termsAt(load));
    const [first, second] = meanTerms(terms);
    const level = meanOf(own.map((point) => point.level));
    return own.map((point, index) => {
      const [a, b] = terms[index] ?? [first, second];
      return { startS: point.startS, terms: [a - first, b - second] as const, level: point.level - level };
    });
  });
}

function meanTerms(terms: readonly Pair[]): Pair {
  return [meanOf(terms.map(([first]) => first)), meanOf(terms.map(([, second]) => second))];
}
