// Short blocks are joined to longer ones until there is enough traffic in each.
import type { Block, Increase } from '../observations.js';
import { addIncreases } from './increase.js';
import { groupBy, quantileOf } from './summary.js';

/** Requests that a block should have: half as many still give a p50, and the p99 of a block needs about as many. */
export const REQUESTS_PER_BLOCK = 200;

/**
 * The length of the blocks in seconds: what gives most of the candidate's blocks enough requests, within the limits;
 * not shorter than what the past has, because the quantiles of short blocks are not those of long ones.
 */
export function chooseBlockLength(
  sides: readonly Block[],
  past: readonly Block[],
  limits: { readonly minimumS: number; readonly maximumS: number },
): number {
  const rate = quantileOf(
    sides.filter(({ requests }) => requests > 0).map(({ requests, durationS }) => requests / durationS),
    0.25,
  );
  const wanted = rate > 0 ? REQUESTS_PER_BLOCK / rate : limits.maximumS;
  const given = Math.max(
    ...[sides, past].map(
      (blocks) =>
        quantileOf(
          blocks.map(({ durationS }) => durationS),
          0.5,
        ) || 0,
    ),
  );
  return Math.max(given, Math.min(limits.maximumS, Math.max(limits.minimumS, wanted)));
}

/**
 * Joins each instance's blocks that begin within the same stretch of `lengthS`, and lets them begin where the stretch
 * does, so that instances that were not scraped at the same moment can be matched. Stretches less than half full are left
 * out.
 */
export function joinBlocks(blocks: readonly Block[], lengthS: number): Block[] {
  const joined: Block[] = [];
  const stretchOf = ({ startS }: Block) => Math.floor(startS / lengthS);
  for (const parts of groupBy(blocks, (block) => `${stretchOf(block)} ${block.instance}`).values()) {
    const block = parts.length === 1 ? parts[0] : parts.reduce(join);
    if (block === undefined || block.durationS < lengthS / 2) continue;
    joined.push({ ...block, startS: stretchOf(block) * lengthS });
  }
  return joined;
}

function join(a: Block, b: Block): Block {
  const functions = new Map(a.functions);
  for (const [name, increase] of b.functions) {
    const sum = add(functions.get(name) ?? increase, functions.has(name) ? increase : undefined);
    if (sum === undefined) functions.delete(name);
    else functions.set(name, sum);
  }
  return {
    instance: a.instance,
    startS: Math.min(a.startS, b.startS),
    durationS: a.durationS + b.durationS,
    ageS: a.ageS === undefined || b.ageS === undefined ? undefined : Math.min(a.ageS, b.ageS),
    requests: a.requests + b.requests,
    loopActiveS: sumOf(a.loopActiveS, b.loopActiveS),
    gcS: sumOf(a.gcS, b.gcS),
    lag: a.lag === undefined || b.lag === undefined ? undefined : addIncreases(a.lag, b.lag),
    functions,
  };
}

function add(a: Increase, b: Increase | undefined): Increase | undefined {
  return b === undefined ? a : addIncreases(a, b);
}

function sumOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
