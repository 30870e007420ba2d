// All measures together: estimated one by one, held against the error rate as a family, judged.
import type { Answer, MetricResult, Verdict } from '../observations.js';
import type { ResolvedCompareOptions } from '../options.js';
import { compareMeasure, type Finding, type Prepared } from './compare-measure.js';
import type { Drift } from './drift.js';
import { adjustByHolm } from './holm.js';
import { judge, judgeAll, type Part } from './judge.js';
import { errorOfLook } from './looks.js';
import type { Measure } from './measures.js';
import { lackOf, resultOf } from './metric-result.js';

/** Results of the measures, and what they say together. */
export interface Judgement extends Pick<Verdict, 'verdict' | 'metrics' | 'pastWindows'> {
  /** What keeps the whole from an answer. */
  readonly open: readonly MetricResult[];
}

interface Judged {
  readonly part: Part;
  readonly result: MetricResult;
}

/** 90 % intervals, shared by the looks as the error rate is: `no difference` is found by them. */
const TAIL = 0.05;

/** Judges the measures and the whole. */
export function judgeMeasures(
  prepared: Prepared,
  measures: readonly Measure[],
  options: ResolvedCompareOptions,
): Judgement {
  const judging = { minimumRatio: options.minimumRatio, tail: errorOfLook(TAIL, options.look) };
  const results = measures.map((measure) => compareMeasure(prepared, measure, judging));
  const findings = results.filter((result): result is Finding => 'effect' in result);
  const worse = adjust(findings, 'worse');
  const better = adjust(findings, 'better');
  const errorRate = errorOfLook(options.errorRate, options.look);
  const judged = findings.map((finding, index): Judged => {
    const [pWorse, pBetter] = [worse[index] ?? 1, better[index] ?? 1];
    const answer = judge({
      effect: finding.interval,
      relevance: finding.relevance,
      pWorse,
      pBetter,
      errorRate,
      againstWorse: finding.againstWorse !== undefined,
      againstBetter: finding.againstBetter !== undefined,
    });
    const { core, followsLoad } = finding.measure;
    const mayBeWorse = finding.interval.high >= finding.relevance.up;
    return {
      part: { answer, core, mayBeWorse, isWait: followsLoad },
      result: resultOf(finding, answer, finding.effect.value > 0 ? pWorse : pBetter, errorRate),
    };
  });
  const lacking = results.flatMap((result): Judged[] => {
    if ('effect' in result) return [];
    const { core, followsLoad } = result.measure;
    return [
      {
        part: { answer: 'inconclusive', core, mayBeWorse: true, isWait: followsLoad },
        result: lackOf(result),
      },
    ];
  });
  const all = [...judged, ...lacking];
  return {
    verdict: judgeAll(all.map(({ part }) => part)),
    metrics: all
      .map(({ result }) => result)
      .sort((a, b) => RANKS[a.answer] - RANKS[b.answer] || changeOf(b) - changeOf(a)),
    open: all.filter(({ part }) => isOpen(part)).map(({ result }) => result),
    pastWindows: Math.max(0, ...findings.map(({ effect }) => pastWindowsOf(effect.drift))),
  };
}

function pastWindowsOf(drift: Drift | undefined): number {
  return drift === undefined || drift.isExtrapolated ? 0 : drift.differences.length;
}

function adjust(findings: readonly Finding[], tail: 'worse' | 'better'): number[] {
  return adjustByHolm(findings.map(({ effect, measure }) => ({ p: effect[tail].combined, weight: measure.weight })));
}

function isOpen({ core, answer, mayBeWorse, isWait }: Part): boolean {
  return core && answer === 'inconclusive' && (mayBeWorse || !isWait);
}

const RANKS: Readonly<Record<Answer, number>> = { worse: 0, better: 1, inconclusive: 2, 'no difference': 3 };

function changeOf({ ratio }: MetricResult): number {
  return ratio === undefined ? -1 : Math.abs(Math.log(ratio.value));
}
