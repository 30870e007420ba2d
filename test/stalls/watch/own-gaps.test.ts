// When the observer itself did not run, on a clock that the test moves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOwnGaps } from '../../../src/stalls/watch/own-gaps.js';

describe('the observer', () => {
  interface Case {
    /** Due, woke, active so far. */
    readonly wakes: readonly (readonly [dueMs: number, nowMs: number, activeMs: number])[];
    readonly expected: number;
  }
  const CASES: Readonly<Record<string, Case>> = {
    'that woke in time ran all the time': { wakes: [[1000, 1002, 1]], expected: 0 },
    'that woke a little late has a busy machine': { wakes: [[1000, 1029, 1]], expected: 0 },
    'that woke late did not run': { wakes: [[1000, 1300, 0]], expected: 300 },
    'that was late by its own doing ran': { wakes: [[1000, 1300, 290]], expected: 0 },
    'that was late by its own doing before as well': {
      wakes: [
        [900, 900, 290],
        [1000, 1300, 580],
      ],
      expected: 0,
    },
    'that was late twice lost both': {
      wakes: [
        [1000, 1100, 0],
        [1200, 1350, 0],
      ],
      expected: 250,
    },
    'that did not run before the stall lost nothing of it': { wakes: [[500, 900, 0]], expected: 0 },
    'that did not run from before it on lost a part of it': { wakes: [[900, 1150, 0]], expected: 150 },
    'that did not run beyond its end lost a part of it': { wakes: [[1300, 1900, 0]], expected: 100 },
  };
  for (const [what, { wakes, expected }] of Object.entries(CASES)) {
    test(what, () => {
      const gaps = createOwnGaps();
      for (const [dueMs, nowMs, activeMs] of wakes) gaps.woke(dueMs, nowMs, activeMs);
      assert.equal(gaps.within(1000, 1400), expected);
    });
  }

  test('remembers the last 32 gaps', () => {
    const gaps = createOwnGaps();
    for (let index = 0; index < 40; index++) gaps.woke(index * 100, index * 100 + 50, 0);
    assert.equal(gaps.within(0, 10_000), 32 * 50);
    assert.equal(gaps.within(0, 700), 0);
  });
});
