// How much of a stall garbage collections took.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../src/clock.js';
import { createRecentCollections } from '../../../src/stalls/loop/recent-collections.js';

// The monotonic clock runs five seconds before the time line of `performance`, on which collections are told.
const clock: Clock = { monotonicMs: () => performance.now() + 5000, unixMs: () => 0 };

test('collections count as far as they lie within the stretch', () => {
  const { add, within } = createRecentCollections(clock);
  add(900, 200);
  add(1200, 50);
  add(1390, 100);
  add(3000, 100);
  assert.equal(Math.round(within(6000, 6400)), 100 + 50 + 10);
  assert.equal(within(2000, 3000), 0);
});

test('collections of a moment do not make a stall', () => {
  const { add, within } = createRecentCollections(clock);
  for (let index = 0; index < 100; index++) add(1000 + index, 0.4);
  assert.equal(within(6000, 6400), 0);
});

test('the last 256 are remembered', () => {
  const { add, within } = createRecentCollections(clock);
  for (let index = 0; index < 300; index++) add(index * 10, 1);
  assert.equal(Math.round(within(0, 100_000)), 256);
  assert.equal(Math.round(within(5000, 5000 + 44 * 10)), 0);
});
