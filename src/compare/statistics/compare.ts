// Did it get worse? Blocks of two sides in, a verdict out; nothing is read or written. The method: docs/compare-method.md.
import type { Block, Comparison, MetricResult, SideSummary, Verdict } from '../observations.js';
import { type CompareOptions, type ResolvedCompareOptions, resolveCompareOptions } from '../options.js';
import { shownLength } from '../times.js';
import { designOf } from './design.js';
import { MINIMUM_POINTS } from './effect.js';
import { chooseBlockLength, joinBlocks } from './join-blocks.js';
import { judgeMeasures } from './judge-measures.js';
import { measuresFor } from './measures.js';
import { settledBlocks } from './settled.js';
import { groupBy, meanOf } from './summary.js';
import { describeMissing, describeVerdict } from './verdict-words.js';

/**
 * Compares two sides; the chance that equal ones are called worse is at most `errorRate`. Throws a TypeError for options
 * out of their bounds.
 */
export function compare({ baseline, candidate, past }: Comparison, options?: CompareOptions): Verdict {
  const resolved = resolveCompareOptions(options);
  const [before, after, history] = [baseline.blocks, candidate.blocks, past].map((blocks) =>
    settledBlocks(blocks, resolved.warmUpS),
  );
  const limits = { minimumS: resolved.minimumBlockS, maximumS: resolved.maximumBlockS };
  const blockS = chooseBlockLength([...(before ?? []), ...(after ?? [])], history ?? [], limits);
  const blocks = {
    baseline: joinBlocks(before ?? [], blockS),
    candidate: joinBlocks(after ?? [], blockS),
    past: joinBlocks(history ?? [], blockS),
    blockS,
  };
  const design = designOf(blocks.baseline, blocks.candidate);
  const sides = {
    baseline: summarize(baseline.label, blocks.baseline),
    candidate: summarize(candidate.label, blocks.candidate),
  };
  const common = {
    ...sides,
    design,
    blockS,
    loadRatio:
      sides.baseline.load === undefined || sides.candidate.load === undefined
        ? undefined
        : sides.candidate.load / sides.baseline.load,
    progress: Math.min(progressOf(blocks.baseline), progressOf(blocks.candidate)),
  };
  if (design === undefined) {
    const missing = (['baseline', 'candidate'] as const)
      .filter((side) => blocks[side].length === 0)
      .map((side) =>
        describeEmpty(sides[side].label, side === 'baseline' ? baseline.blocks : candidate.blocks, resolved),
      );
    return {
      ...common,
      verdict: 'inconclusive',
      reasons: ['There is too little data.'],
      missing,
      metrics: [],
      pastWindows: 0,
    };
  }
  const measures = measuresFor(
    [...blocks.baseline, ...blocks.candidate],
    resolved.functions,
    resolved.minimumQuantileMs / 1e3,
  );
  const { metrics, verdict, pastWindows, open } = judgeMeasures({ ...blocks, design }, measures, resolved);
  return {
    ...common,
    verdict,
    reasons: [
      ...describeVerdict(verdict, metrics),
      ...(design === 'concurrent' || pastWindows > 0 || !metrics.some(isEstimated) ? [] : [WITHOUT_HISTORY]),
    ],
    missing: verdict === 'inconclusive' ? describeMissing(open) : [],
    metrics,
    pastWindows,
  };
}

function isEstimated({ ratio }: MetricResult): boolean {
  return ratio !== undefined;
}

const WITHOUT_HISTORY =
  'There is too little history: how much the figures move without a deploy was concluded from the baseline alone.';

function summarize(label: string, blocks: readonly Block[]): SideSummary {
  const loads = blocks
    .filter(({ requests }) => requests > 0)
    .map(({ requests, durationS }) => Math.log(requests / durationS));
  return {
    label,
    instances: new Set(blocks.map(({ instance }) => instance)).size,
    blocks: blocks.length,
    requests: blocks.reduce((sum, { requests }) => sum + requests, 0),
    seconds: blocks.reduce((sum, { durationS }) => sum + durationS, 0),
    load: loads.length === 0 ? undefined : Math.exp(meanOf(loads)),
  };
}

/** Blocks of the instance that has most of them, of those that it takes. */
function progressOf(blocks: readonly Block[]): number {
  const most = Math.max(0, ...[...groupBy(blocks, ({ instance }) => instance).values()].map((own) => own.length));
  return Math.min(1, most / MINIMUM_POINTS);
}

function describeEmpty(label: string, blocks: readonly Block[], { warmUpS }: ResolvedCompareOptions): string {
  if (blocks.length === 0) return `Nothing was found of ${label}.`;
  if (blocks.every(({ requests }) => requests === 0)) {
    return `Nothing that ${label} answered was counted, and everything is told per request.`;
  }
  return `All instances of ${label} are fresh: the first ${shownLength(warmUpS)} of a process do not count.`;
}
