// Seeded random numbers, so that every figure of the simulator can be had again.

/** Draws from the distributions that the simulator needs. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  normal(): number;
  exponential(): number;
  poisson(mean: number): number;
}

const NORMAL_FROM = 50;

/** A generator (mulberry32) whose draws follow from its seed alone. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b;
  function uniform(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }
  function exponential(): number {
    return -Math.log(1 - uniform());
  }
  function poisson(mean: number): number {
    if (mean > NORMAL_FROM) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > limit; product *= uniform()) count += 1;
    return count;
  }
  return { uniform, normal, exponential, poisson };
}
