// Fresh processes are slower than warm ones whatever their version is: they are left out.
import type { Block } from '../observations.js';
import { groupBy, largestOf, smallestOf } from './summary.js';

/** Requests come at less than this share of the process's highest rate: it does not serve yet (health checks, a first trickle). */
const IDLE_SHARE = 0.1;
const BIRTH_PRECISION_S = 120;

/**
 * Leaves out blocks of fresh processes: younger than `warmUpS`, or seen idle and serving for less than that since.
 * Blocks of unknown age are kept.
 */
export function settledBlocks(blocks: readonly Block[], warmUpS: number): Block[] {
  const settled: Block[] = [];
  for (const life of groupBy(blocks, lifeOf).values()) {
    const highest = largestOf(life.map(rateOf));
    const serving = life.filter((block) => block.requests > 0 && rateOf(block) >= IDLE_SHARE * highest);
    const firstS = smallestOf(life.map(({ startS }) => startS));
    const servesFromS = smallestOf(serving.map(({ startS }) => startS));
    const freshUntilS = servesFromS > firstS ? servesFromS + warmUpS : Number.NEGATIVE_INFINITY;
    for (const block of life) {
      if (block.ageS === undefined || (block.ageS >= warmUpS && block.startS >= freshUntilS)) settled.push(block);
    }
  }
  return settled;
}

/** One life of an instance; its birth is known to within a scrape or two. */
function lifeOf({ instance, startS, ageS }: Block): string {
  return ageS === undefined ? instance : `${instance} ${Math.round((startS - ageS) / BIRTH_PRECISION_S)}`;
}

function rateOf({ requests, durationS }: Block): number {
  return requests / durationS;
}
