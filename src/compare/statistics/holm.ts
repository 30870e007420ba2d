// Several tests at once: Holm's method with weights, which keeps the chance of any false alarm whatever depends on what.

/** One test of a family. */
export interface WeightedTest {
  readonly p: number;
  /** Its share of the error, relative to the others'; above 0. */
  readonly weight: number;
}

/** The p values that may each be held against the family's error rate, in the order of `tests`. */
export function adjustByHolm(tests: readonly WeightedTest[]): number[] {
  const order = tests.map((_, index) => index).sort((a, b) => ratioOf(tests[a]) - ratioOf(tests[b]));
  const adjusted = tests.map(() => 1);
  let remaining = tests.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const index of order) {
    const test = tests[index];
    if (test === undefined) continue;
    reached = Math.max(reached, Math.min(1, ratioOf(test) * remaining));
    adjusted[index] = reached;
    remaining -= test.weight;
  }
  return adjusted;
}

function ratioOf(test: WeightedTest | undefined): number {
  return test === undefined ? Number.POSITIVE_INFINITY : test.p / test.weight;
}
