// The verdict in sentences.
import type { Answer, MetricResult } from '../observations.js';
import { groupBy } from './summary.js';
import { listOf } from './wording.js';

/** Why the verdict is what it is, the most important first. */
export function describeVerdict(verdict: Answer, metrics: readonly MetricResult[]): string[] {
  const unclear = metrics.filter(({ answer, core }) => answer === 'inconclusive' && !core);
  const rest = unclear.length === 0 ? [] : [`Not certain, but not needed: ${titlesOf(unclear)}.`];
  switch (verdict) {
    case 'worse':
    case 'better':
      return metrics
        .filter(({ answer }) => answer === verdict)
        .map(({ title, reasons }) => `${capitalized(title)} is ${verdict}: ${reasons.join('; ')}.`);
    case 'no difference':
      return ['What requests cost did not change, and no wait became relevantly longer.', ...rest];
    case 'inconclusive':
      return ['The data does not tell.'];
  }
}

/** What would make it conclusive: one sentence for each cause. */
export function describeMissing(open: readonly MetricResult[]): string[] {
  const causes = groupBy(open, ({ missing }) => missing.join('; '));
  return [...causes].map(([cause, group]) => `${capitalized(titlesOf(group))}: ${cause}.`);
}

function titlesOf(metrics: readonly MetricResult[]): string {
  return listOf(metrics.map(({ title }) => title));
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
