// From an effect with its interval to one of four answers.
import type { Answer, Estimate } from '../observations.js';

/** How large a change must be to matter, as logarithms: below `down` or above `up`. */
export interface Relevance {
  readonly down: number;
  readonly up: number;
}

/** What is relevant at a level: the ratio, and the absolute difference too. */
export function relevanceAt(level: number, minimumRatio: number, minimumDifference: number): Relevance {
  const share = minimumDifference / level;
  return {
    up: Math.max(Math.log(minimumRatio), Math.log1p(share)),
    down: Math.min(-Math.log(minimumRatio), share < 1 ? Math.log1p(-share) : Number.NEGATIVE_INFINITY),
  };
}

/** What is known of a measure, on the logarithmic scale, p after Holm. */
export interface Evidence {
  readonly effect: Estimate;
  readonly relevance: Relevance;
  readonly pWorse: number;
  readonly pBetter: number;
  readonly errorRate: number;
  /** Objections to a change that stands out otherwise. */
  readonly againstWorse: boolean;
  readonly againstBetter: boolean;
}

/**
 * `worse` and `better` need a change that is sure and relevant and has nothing against it; `no difference` needs an
 * interval that holds no relevant change; what is neither is inconclusive.
 */
export function judge(evidence: Evidence): Answer {
  const { effect, relevance, pWorse, pBetter, errorRate } = evidence;
  if (pWorse <= errorRate && effect.value >= relevance.up && !evidence.againstWorse) return 'worse';
  if (pBetter <= errorRate && effect.value <= relevance.down && !evidence.againstBetter) return 'better';
  if (effect.low > relevance.down && effect.high < relevance.up) return 'no difference';
  return 'inconclusive';
}

/** What a measure contributes to the whole. */
export interface Part {
  readonly answer: Answer;
  readonly core: boolean;
  /** Whether its interval holds a relevant change for the worse. */
  readonly mayBeWorse: boolean;
  /** Whether it is a wait: that it might have become shorter stands in nobody's way. */
  readonly isWait: boolean;
}

/**
 * The whole: worse where any measure is; better where one is and no core measure may be worse; no difference where no
 * core measure may be worse, and those that are no waits not better either. Anything else is inconclusive.
 */
export function judgeAll(parts: readonly Part[]): Answer {
  if (parts.some(({ answer }) => answer === 'worse')) return 'worse';
  const core = parts.filter((part) => part.core);
  if (core.length === 0 || core.some(({ mayBeWorse }) => mayBeWorse)) return 'inconclusive';
  if (parts.some(({ answer }) => answer === 'better')) return 'better';
  return core.every(({ answer, isWait }) => isWait || answer === 'no difference') ? 'no difference' : 'inconclusive';
}
