// Blocks for tests.
import type { Block, Increase } from '../../../src/compare/observations.js';
import { LATENCY_BOUNDS_S } from '../../../src/metric-names.js';

/** A warm block of one minute with 600 requests of 4 ms; `changes` on top. */
export function blockOf(changes: Partial<Block> = {}): Block {
  return {
    instance: 'a',
    startS: 0,
    durationS: 60,
    ageS: 86_400,
    requests: 600,
    loopActiveS: 2.4,
    gcS: 0.1,
    lag: histogramOf(0.001, 0.004, 0.02),
    functions: new Map(),
    ...changes,
  };
}

/** A thousand values: 90 % of the first, 9 % of the second, 1 % of the third, which is the p99. */
export function histogramOf(most: number, some: number, few: number): Increase {
  const counts = new Array<number>(LATENCY_BOUNDS_S.length + 1).fill(0);
  for (const [value, count] of [
    [most, 900],
    [some, 85],
    [few, 15],
  ] as const) {
    const index = LATENCY_BOUNDS_S.findIndex((bound) => value <= bound);
    counts[index] = (counts[index] ?? 0) + count;
  }
  return { bounds: LATENCY_BOUNDS_S, counts, sum: undefined };
}
