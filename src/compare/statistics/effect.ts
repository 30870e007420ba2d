// The difference between the sides on the logarithmic scale, with everything that makes it uncertain.
import type { Design } from './design.js';
import { type Drift, driftBetween } from './drift.js';
import { spreadOfFleets } from './fleets.js';
import type { LoadCurve } from './load-curve.js';
import type { Point } from './points.js';
import { meanOf, spanOf } from './summary.js';
import { atLeast, combine, tailOf, uncertaintyOf, withDrift } from './uncertainty.js';
import { type InstanceMeans, instanceMeans, noiseOfMeans, type Spread, slideWindows, spreadWithin } from './windows.js';

/** A difference of logarithms and what it rests on. */
export interface Effect {
  readonly value: number;
  /** Standard error and degrees of freedom of all sources together. */
  readonly error: number;
  readonly df: number;
  /** One-sided p of worse, and of better. */
  readonly worse: Tails;
  readonly better: Tails;
  readonly drift: Drift | undefined;
  /** What most of the error comes from, and its standard deviation: of one instance, of one window. */
  readonly source: { readonly kind: 'instances' | 'time' | 'load'; readonly deviation: number };
  readonly baseline: InstanceMeans;
  readonly candidate: InstanceMeans;
}

/** p of the spread over instances, of the past, of both. */
export interface Tails {
  readonly instances: number | undefined;
  readonly placebo: number | undefined;
  readonly combined: number;
}

/** The means of the sides. */
export interface Difference {
  readonly value: number;
  /** Differences of the instances that are on both sides, of a paired design. */
  readonly paired: InstanceMeans | undefined;
  readonly baseline: InstanceMeans;
  readonly candidate: InstanceMeans;
  /** The points that count. */
  readonly points: { readonly baseline: readonly Point[]; readonly candidate: readonly Point[] };
}

/** What an effect is estimated from; the points of a measure. */
export interface EffectInput {
  readonly design: Design;
  readonly baseline: readonly Point[];
  readonly candidate: readonly Point[];
  readonly past: readonly Point[];
  readonly curve: LoadCurve;
  readonly blockS: number;
}

/** Points that an instance must have to count. */
export const MINIMUM_POINTS = 5;
const MINIMUM_SHARE_OF_SHARED = 0.5;

/** The means of both sides and their difference; `undefined` where no instance has enough points. */
export function differenceOf(input: EffectInput, minimumPoints = MINIMUM_POINTS): Difference | undefined {
  const { design, curve } = input;
  const { baseline, candidate } = design === 'concurrent' ? matchTimes(input) : input;
  // What all share cancels only among instances that were there for most of the time.
  const shared = design === 'concurrent' ? new Set(startsOf(candidate)).size : 0;
  const minimum = Math.max(minimumPoints, MINIMUM_SHARE_OF_SHARED * shared);
  const before = instanceMeans(baseline, curve, minimum);
  const after = instanceMeans(candidate, curve, minimum);
  if (before.size === 0 || after.size === 0) return undefined;
  const paired = design === 'paired' ? pairs(before, after) : undefined;
  const value =
    paired === undefined ? meanOf([...after.values()]) - meanOf([...before.values()]) : meanOf([...paired.values()]);
  return { value, paired, baseline: before, candidate: after, points: { baseline, candidate } };
}

/** Estimates the effect; `undefined` where nothing says how uncertain it would be. */
export function estimateEffect(input: EffectInput): Effect | undefined {
  const difference = differenceOf(input);
  if (difference === undefined) return undefined;
  const { design, curve, blockS } = input;
  const { value, paired, baseline, candidate, points } = difference;

  const lengthS = spanOf(startsOf(points.candidate)) + blockS;
  const apartS = meanOf(startsOf(points.candidate)) - meanOf(startsOf(points.baseline));
  const drift =
    design === 'concurrent' ? undefined : driftBetween(input.past, points.baseline, curve, { lengthS, apartS, blockS });
  if (design !== 'concurrent' && drift === undefined) return undefined;

  const scale = paired === undefined ? 1 / baseline.size + 1 / candidate.size : 1 / paired.size;
  const ownSpread = spreadWithin(paired === undefined ? [baseline, candidate] : [paired]);
  const fleets =
    paired === undefined
      ? spreadOfFleets(
          slideWindows(input.past, curve, lengthS, blockS),
          new Set([...baseline.keys(), ...candidate.keys()]),
        )
      : NO_SPREAD;
  const noise = combine([
    noiseOfMeans(points.baseline, curve, baseline),
    noiseOfMeans(points.candidate, curve, candidate),
  ]);
  const own = atLeast(noise, uncertaintyOf([ownSpread], scale));
  const instances = atLeast(noise, uncertaintyOf([ownSpread, fleets], scale));
  if (instances === undefined) return undefined;

  const load = {
    variance: curve.varianceBetween(loadsOf(points.candidate), loadsOf(points.baseline)),
    df: Number.POSITIVE_INFINITY,
  };
  const placebo = drift ?? uncertaintyOf([fleets], scale);
  const all = combine([drift === undefined ? instances : withDrift(instances, drift), load]);
  const tails = (sign: 1 | -1): Tails => ({
    instances: own === undefined ? undefined : tailOf(sign * value, combine([own, load])),
    placebo: placebo === undefined ? undefined : tailOf(sign * value, combine([placebo, load])),
    combined: tailOf(sign * value, all),
  });
  return {
    value,
    error: Math.sqrt(all.variance),
    df: all.df,
    worse: tails(1),
    better: tails(-1),
    drift,
    source: sourceOf(instances.variance, drift?.variance ?? 0, load.variance, scale),
    baseline,
    candidate,
  };
}

function sourceOf(instances: number, time: number, load: number, scale: number): Effect['source'] {
  if (load > instances && load > time) return { kind: 'load', deviation: Math.sqrt(load) };
  return time > instances
    ? { kind: 'time', deviation: Math.sqrt(time) }
    : { kind: 'instances', deviation: Math.sqrt(instances / scale) };
}

const NO_SPREAD: Spread = { squares: 0, df: 0 };

function pairs(before: InstanceMeans, after: InstanceMeans): InstanceMeans {
  const differences = new Map<string, number>();
  for (const [instance, mean] of after) {
    const earlier = before.get(instance);
    if (earlier !== undefined) differences.set(instance, mean - earlier);
  }
  return differences;
}

function matchTimes({ baseline, candidate }: EffectInput): Pick<EffectInput, 'baseline' | 'candidate'> {
  const before = new Set(startsOf(baseline));
  const after = new Set(startsOf(candidate));
  return {
    baseline: baseline.filter(({ startS }) => after.has(startS)),
    candidate: candidate.filter(({ startS }) => before.has(startS)),
  };
}

function startsOf(points: readonly Point[]): number[] {
  return points.map(({ startS }) => startS);
}

function loadsOf(points: readonly Point[]): number[] {
  return points.map(({ load }) => load);
}
