// One measure: the load taken out, the effect estimated, the reasons against it collected. The answer waits for Holm.
import { counted } from '../../status/wording.js';
import type { Block, Estimate } from '../observations.js';
import type { Design } from './design.js';
import { differenceOf, type Effect, type EffectInput, estimateEffect, MINIMUM_POINTS } from './effect.js';
import { type Relevance, relevanceAt } from './judge.js';
import { fitLoadCurve } from './load-curve.js';
import type { Measure } from './measures.js';
import { fades, isAmong, isUsual, laterHalf } from './objections.js';
import { type Point, pointsOf, valueAt } from './points.js';
import { upperQuantile } from './student-t.js';
import { groupBy, meanOf } from './summary.js';

/** The blocks of a comparison, settled and joined. */
export interface Prepared {
  readonly design: Design;
  readonly baseline: readonly Block[];
  readonly candidate: readonly Block[];
  readonly past: readonly Block[];
  readonly blockS: number;
}

/** What is known of a measure before the others are. */
export interface Finding {
  readonly measure: Measure;
  readonly effect: Effect;
  /** The effect with its interval, logarithms. */
  readonly interval: Estimate;
  readonly relevance: Relevance;
  readonly baseline: number;
  readonly againstWorse: string | undefined;
  readonly againstBetter: string | undefined;
}

/** A measure that cannot be estimated: why, and the levels that were seen, the load and all else left in. */
export interface Lack {
  readonly measure: Measure;
  readonly missing: string;
  readonly baseline: number | undefined;
  readonly candidate: number | undefined;
}

/** What is the same for all measures. */
export interface Judging {
  readonly minimumRatio: number;
  /** The chance that an interval misses on one side. */
  readonly tail: number;
}

const MINIMUM_COVERED_SHARE = 0.5;
const MINIMUM_LATER_POINTS = 2;

/** Estimates one measure; a sentence where something is missing. */
export function compareMeasure(prepared: Prepared, measure: Measure, { minimumRatio, tail }: Judging): Finding | Lack {
  const baseline = pointsOf(prepared.baseline, measure);
  const past = pointsOf(prepared.past, measure);
  const all = pointsOf(prepared.candidate, measure);
  const lacking = describeLack(baseline, all);
  const lack = (missing: string): Lack => ({
    measure,
    missing,
    baseline: levelOf(baseline, measure),
    candidate: levelOf(all, measure),
  });
  if (lacking !== undefined) return lack(lacking);

  const curve = fitLoadCurve([...baseline, ...past], measure.followsLoad);
  const candidate = all.filter(({ load }) => curve.covers(load));
  if (candidate.length < MINIMUM_COVERED_SHARE * all.length) {
    return lack('the candidate has a load that the baseline never had');
  }
  const input = { design: prepared.design, baseline, candidate, past, curve, blockS: prepared.blockS };
  const effect = estimateEffect(input);
  if (effect === undefined) return lack(whyUncertain(input));
  if (!Number.isFinite(effect.error)) return lack('nothing says how it follows the load: it takes more history');

  const margin = upperQuantile(tail, effect.df) * effect.error;
  const level = meanOf([...effect.baseline.values()]) + meanOf(candidate.map(({ load }) => curve.at(load)));
  const relevance = relevanceAt(Math.exp(level), minimumRatio ** measure.amplification, measure.minimumDifference);
  const later = differenceOf({ ...input, candidate: laterHalf(candidate) }, MINIMUM_LATER_POINTS);
  return {
    measure,
    effect,
    interval: { value: effect.value, low: effect.value - margin, high: effect.value + margin },
    relevance,
    baseline: valueAt(level, measure),
    againstWorse: fades(later, relevance.up)
      ? 'the later half of the time shows no relevant change: it fades, as with a process that is still warming up'
      : describeObjection(effect, 1),
    againstBetter: describeObjection(effect, -1),
  };
}

function describeObjection(effect: Effect, sign: 1 | -1): string | undefined {
  if (isUsual(effect, sign)) return 'more than one in twenty windows of the past moved as far without a deploy';
  if (isAmong(effect, sign)) return "the candidate is among the baseline's instances";
  return undefined;
}

function describeLack(baseline: readonly Point[], candidate: readonly Point[]): string | undefined {
  for (const [name, points] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    if (points.length === 0) return `the ${name} has none of it, or too few requests`;
    const most = Math.max(...[...groupBy(points, ({ instance }) => instance).values()].map((own) => own.length));
    if (most < MINIMUM_POINTS)
      return `the ${name} has ${counted(most, 'block')} with enough data; it takes ${MINIMUM_POINTS}`;
  }
  return undefined;
}

function whyUncertain(input: EffectInput): string {
  const { design, baseline, past } = input;
  const instances = new Set(baseline.map(({ instance }) => instance)).size;
  if (differenceOf(input) === undefined) {
    return design === 'concurrent'
      ? 'no instance of one side was there for half of the time of both: where they come and go so fast, a shorter time may tell'
      : `no instance has ${MINIMUM_POINTS} blocks at loads that can be compared`;
  }
  if (design !== 'concurrent' && instances > 1) {
    return past.length === 0
      ? 'there is no history that says how much it moves without a deploy, and too little of the baseline to conclude it'
      : 'the history is too short, or has too many gaps or instances that come and go, to say how much it moves without a deploy';
  }
  const further = design === 'paired' ? '' : ', or a history that has several at the same time';
  return `nothing says how far instances of one version lie apart: it takes two instances${further}`;
}

function levelOf(points: readonly Point[], measure: Measure): number | undefined {
  return points.length === 0 ? undefined : valueAt(meanOf(points.map(({ level }) => level)), measure);
}
