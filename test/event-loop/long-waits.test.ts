// Which sample of the lag belongs to a stall that ended at a given time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLongWaits } from '../../instrumentations/event-loop/long-waits.js';

test('the longest wait of the turn that ended the stall, told by another clock', () => {
  const waits = createLongWaits();
  waits.add(1000, 250);
  waits.add(1000, 400);
  waits.add(1000, 50);
  waits.add(1030, 120);
  for (const [endMs, expected] of [
    [1000, 400],
    [990, 400],
    [1010, 400],
    [1020, 120],
    [1050, 120],
  ] as const)
    assert.equal(waits.endedAt(endMs), expected, `${endMs}`);
});

test('nothing for a stall without a sample: none was due, or it is long ago', () => {
  const waits = createLongWaits();
  assert.ok(Number.isNaN(waits.endedAt(0)));
  waits.add(1000, 2);
  assert.ok(Number.isNaN(waits.endedAt(1000)));
  waits.add(2000, 300);
  assert.ok(Number.isNaN(waits.endedAt(2100)));
  for (let turn = 1; turn <= 8; turn++) waits.add(2000 + turn * 500, 300);
  assert.ok(Number.isNaN(waits.endedAt(2000)));
});
