// What is told of one measure.
import type { Answer, Estimate, MetricResult } from '../observations.js';
import type { Finding, Lack } from './compare-measure.js';
import type { Measure } from './measures.js';
import { describeFactor, describeValue } from './wording.js';

/** A judged measure; `adjusted` is the p after Holm, towards where the effect points. */
export function resultOf(finding: Finding, answer: Answer, adjusted: number, errorRate: number): MetricResult {
  const { measure, effect, interval, baseline } = finding;
  const scale = (convert: (value: number) => number): Estimate => ({
    value: convert(interval.value),
    low: convert(interval.low),
    high: convert(interval.high),
  });
  const ratio = scale(Math.exp);
  const difference = scale((value) => (baseline + measure.floor) * Math.expm1(value));
  const candidate = Math.max(0, baseline + difference.value);
  const { worse, better } = effect;
  return {
    ...headOf(measure),
    answer,
    baseline,
    candidate,
    ratio,
    difference,
    p: { ...(effect.value > 0 ? worse : better), adjusted },
    reasons: [
      `${describeFactor(ratio)}, from ${describeValue(baseline, measure.unit)} to ${describeValue(candidate, measure.unit)}`,
    ],
    missing: answer === 'inconclusive' ? whatIsMissing(finding, adjusted, errorRate) : [],
  };
}

/** A measure that could not be estimated. */
export function lackOf({ measure, missing, baseline, candidate }: Lack): MetricResult {
  return {
    ...headOf(measure),
    answer: 'inconclusive',
    baseline,
    candidate,
    ratio: undefined,
    difference: undefined,
    p: { instances: undefined, placebo: undefined, combined: undefined, adjusted: undefined },
    reasons: [],
    missing: [missing],
  };
}

type Head = Pick<MetricResult, 'id' | 'subject' | 'title' | 'unit' | 'core'>;

function headOf({ id, subject, title, unit, core }: Measure): Head {
  return { id, subject, title, unit, core };
}

function whatIsMissing(
  { effect, interval, relevance, ...against }: Finding,
  adjusted: number,
  errorRate: number,
): string[] {
  const objection = effect.value > 0 ? against.againstWorse : against.againstBetter;
  const standsOut = effect.value >= relevance.up || effect.value <= relevance.down;
  if (standsOut && objection !== undefined) return [objection];
  const what = standsOut
    ? `a change of that size may be chance (p = ${adjusted.toPrecision(2)}, at most ${errorRate.toPrecision(2)} is needed)`
    : `anything from × ${Math.exp(interval.low).toFixed(2)} to × ${Math.exp(interval.high).toFixed(2)} is possible`;
  return [what, describeRemedy(effect.source)];
}

function describeRemedy({ kind, deviation }: Finding['effect']['source']): string {
  const percent = `${(100 * Math.expm1(deviation)).toFixed(0)} %`;
  switch (kind) {
    case 'instances':
      return `instances of one version differ by ${percent}, so more instances would tell`;
    case 'time':
      return `it moves by ${percent} between such windows without any deploy, so running both at the same time would tell`;
    case 'load':
      return 'the loads of the sides are too far apart, so running both at the same load would tell';
  }
}
