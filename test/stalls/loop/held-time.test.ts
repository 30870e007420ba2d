// How much of the time between two moments a loop was held, by the stalls that are remembered and the one that lasts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHeldTime } from '../../../src/stalls/loop/held-time.js';

const ORIGIN_MS = 1_700_000_000_000;

/** A memory at `nowMs`, with the loop held for `heldMs` by then. */
function memoryAt(nowMs: number, heldMs = 0) {
  const time = { nowMs, heldMs, originMs: ORIGIN_MS };
  const clock = { monotonicMs: () => time.nowMs, unixMs: () => time.originMs + time.nowMs };
  return { time, memory: createHeldTime(() => time.heldMs, clock) };
}

const CASES = [
  ['all of a stall', [[100, 300]], 0, [50, 400], 200],
  ['the part at its begin', [[100, 300]], 0, [0, 150], 50],
  ['the part at its end', [[100, 300]], 0, [250, 900], 50],
  ['a span within a stall', [[100, 300]], 0, [150, 250], 100],
  ['before it', [[100, 300]], 0, [0, 100], 0],
  ['after it', [[100, 300]], 0, [300, 900], 0],
  ['less than the precision of wall clocks', [[100, 300]], 0, [299, 900], 0],
  [
    'several stalls',
    [
      [100, 300],
      [400, 500],
      [600, 900],
    ],
    0,
    [200, 700],
    300,
  ],
  ['the stall that lasts', [], 400, [500, 1000], 400],
  ['a part of the stall that lasts', [], 400, [700, 1000], 300],
  ['up to now', [], 400, [700, undefined], 300],
  ['a span that ended before the stall that lasts', [], 400, [100, 550], 0],
  ['the last stall and the one that lasts', [[100, 300]], 400, [200, 1000], 500],
] as const;

for (const [name, stalls, heldMs, [fromMs, toMs], expected] of CASES) {
  test(name, () => {
    const { memory } = memoryAt(1000, heldMs);
    for (const [stallFromMs, stallToMs] of stalls) memory.add(stallFromMs, stallToMs);
    const to = toMs === undefined ? undefined : ORIGIN_MS + toMs;
    assert.equal(memory.between(ORIGIN_MS + fromMs, to), expected);
  });
}

test('remembers the last 256 stalls', () => {
  const { memory } = memoryAt(1_000_000);
  for (let number = 0; number < 300; number++) memory.add(number * 1000, number * 1000 + 200);
  assert.equal(memory.between(ORIGIN_MS, ORIGIN_MS + 1_000_000), 256 * 200);
});

test('follows a wall clock that is set', () => {
  const { memory, time } = memoryAt(1000);
  memory.add(100, 300);
  time.originMs += 3_600_000;
  assert.equal(memory.between(time.originMs + 50, time.originMs + 400), 200);
});
