// How long a loop was held within a stretch between two turns, by table.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heldMs, type Stretch } from '../../../src/stalls/loop/stall-length.js';

// A stretch of 475 ms in which the loop should have turned after 75.
const stretch: Stretch = { fromMs: 1000, dueMs: 1075, toMs: 1475, idleMs: 0, iterations: 1, utilization: 0 };

const CASES: Readonly<Record<string, { readonly known: Partial<Stretch>; readonly expected: number }>> = {
  'held at once': { known: {}, expected: 475 },
  'slept, then held': { known: { idleMs: 60 }, expected: 415 },
  'slept until its timer, then held by it': { known: { idleMs: 75 }, expected: 400 },
  'slept all the time, and its timer was late': { known: { idleMs: 475 }, expected: 0 },
  'slept longer than the clock says': { known: { idleMs: 480 }, expected: 0 },
  'idle before, two iterations': { known: { idleMs: 50, iterations: 2 }, expected: 425 },
  'idle before, many iterations': { known: { idleMs: 50, iterations: 9 }, expected: 425 },
  'half busy before, slept for 20 ms': { known: { idleMs: 20, iterations: 9, utilization: 0.5 }, expected: 435 },
  'half busy before, not slept at all': { known: { iterations: 9, utilization: 0.5 }, expected: 475 },
  'busy before, for all of the time that it may have turned': {
    known: { idleMs: 0, iterations: 90, utilization: 1 },
    expected: 400,
  },
  'nearly busy before': { known: { idleMs: 1, iterations: 90, utilization: 0.97 }, expected: 400 },
  'never less than what is certain': { known: { idleMs: 60, iterations: 9, utilization: 0.9 }, expected: 400 },
  'iterations that Node does not tell': {
    known: { idleMs: 20, iterations: Number.NaN, utilization: 0.5 },
    expected: 435,
  },
  'turned in time': { known: { toMs: 1060, idleMs: 50, iterations: 9 }, expected: 10 },
};

describe('a loop was held', () => {
  for (const [what, { known, expected }] of Object.entries(CASES)) {
    test(`${expected} ms where it was ${what}`, () =>
      assert.equal(Math.round(heldMs({ ...stretch, ...known })), expected));
  }
});
