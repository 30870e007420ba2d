// Who waited for a stall, and for how long: in flight, arrived meanwhile, or in the same stretch of the loop; and how long one can have run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitingRequests } from '../../../src/stalls/loop/waiting-requests.js';

const OPEN = Number.POSITIVE_INFINITY;
const HELD = { fromMs: 1000, toMs: 1400, backlogEndMs: 1420 };

const CASES = [
  ['nobody', [], 0, 0, false, 400],
  ['in flight all the time', [[900, OPEN]], 1, 400, false, 400],
  ['ended right after', [[900, 1401]], 1, 400, false, 400],
  ['ended before', [[900, 1000]], 0, 0, false, 400],
  ['began with the backlog: half of it on average', [[1405, OPEN]], 1, 200, false, 400],
  ['began after the backlog', [[1430, OPEN]], 0, 0, false, 400],
  ['the one that held the loop', [[1001, OPEN]], 0, 0, true, 399],
  ['the one that held the loop, late in the stretch', [[1060, OPEN]], 0, 0, true, 340],
  [
    'the one that held the loop, among others',
    [
      [1001, OPEN],
      [900, OPEN],
      [1402, OPEN],
    ],
    2,
    600,
    true,
    399,
  ],
  [
    'one after the other in one stretch',
    [
      [1000, OPEN],
      [1100, OPEN],
      [1200, OPEN],
      [1300, OPEN],
    ],
    4,
    300 + 250 + 200 + 150,
    true,
    100,
  ],
  [
    'answered before the next one began',
    [
      [1000, 1050],
      [1100, OPEN],
      [1250, OPEN],
    ],
    2,
    200 + 125,
    true,
    150,
  ],
  ['began at the end of what a timer held', [[1390, OPEN]], 1, 195, false, 390],
] as const;

for (const [name, times, requests, waitedMs, heldByNew, longestMs] of CASES) {
  test(name, () => {
    const source = {
      forEach(visit: (beganMs: number, endedMs: number) => void) {
        for (const [beganMs, endedMs] of times) visit(beganMs, endedMs);
      },
    };
    assert.deepEqual(waitingRequests(HELD, source), { requests, waitedMs, heldByNew, longestMs });
  });
}
