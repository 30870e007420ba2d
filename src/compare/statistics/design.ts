// How the two sides relate: at the same time, the same instances before and after, or others afterwards.
import type { Block, Verdict } from '../observations.js';

export type Design = NonNullable<Verdict['design']>;

const MINIMUM_OVERLAP = 0.5;

/** The design of the comparison; `undefined` where a side has no blocks. Blocks are joined, so that their starts match. */
export function designOf(baseline: readonly Block[], candidate: readonly Block[]): Design | undefined {
  if (baseline.length === 0 || candidate.length === 0) return undefined;
  const baselineStarts = new Set(baseline.map(({ startS }) => startS));
  const candidateStarts = new Set(candidate.map(({ startS }) => startS));
  const shared = [...candidateStarts].filter((startS) => baselineStarts.has(startS)).length;
  if (shared >= MINIMUM_OVERLAP * candidateStarts.size) return 'concurrent';
  const before = new Set(baseline.map(({ instance }) => instance));
  const after = new Set(candidate.map(({ instance }) => instance));
  return [...after].every((instance) => before.has(instance)) ? 'paired' : 'sequential';
}
