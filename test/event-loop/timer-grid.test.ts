// Timers on a simulated loop: early as often as late, whether the loop sleeps or spins.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimerGrid } from '../../instrumentations/event-loop/timer-grid.js';
import { createRandom } from '../support/random.js';

const { next: random } = createRandom(5);

for (const [kind, latenessMs] of [
  ['sleeps, and wakes up to 1 ms late', () => random()],
  ['never sleeps, and is there at once', () => 0],
] as const) {
  test(`the timers of a loop that ${kind} are on time in the mean`, () => {
    const grid = createTimerGrid();
    let nowMs = 1000.3;
    let offMs = 0;
    const timers = 20_000;
    for (let i = 0; i < timers; i++) {
      const dueMs = nowMs + 2 + random() * 50;
      const delayMs = grid.delayUntil(dueMs, nowMs);
      assert.ok(Number.isInteger(delayMs) && delayMs >= 1);
      nowMs = Math.floor(nowMs) + delayMs + latenessMs();
      grid.fired(nowMs);
      // The first timers teach what kind of loop this is.
      if (i >= 1000) offMs += nowMs - dueMs;
    }
    const meanMs = offMs / (timers - 1000);
    assert.ok(Math.abs(meanMs) < 0.05, `off by ${meanMs} ms in the mean`);
  });
}

test('timers that waited for a blocked loop teach nothing', () => {
  const grid = createTimerGrid();
  const before = grid.delayUntil(2000.2, 1000.9);
  grid.fired(5000);
  assert.equal(grid.delayUntil(2000.2, 1000.9), before);
});
