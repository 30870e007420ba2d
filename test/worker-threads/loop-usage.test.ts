import assert from 'node:assert/strict';
import test from 'node:test';
import {
  addLoopTimes,
  createLoopUsage,
  utilizationOf,
  WINDOW_MS,
} from '../../instrumentations/worker-threads/loop-usage.js';

test('a window spans the last 10 s, or the life of a younger loop', () => {
  const usage = createLoopUsage(0);
  // Idle for 20 s, then half busy.
  for (let second = 1; second <= 20; second++) usage.take({ active: 0, idle: second * 1000 }, second * 1000);
  assert.equal(utilizationOf(usage.recent()), 0);
  for (let second = 1; second <= 5; second++) {
    usage.take({ active: second * 500, idle: 20_000 + second * 500 }, 20_000 + second * 1000);
  }
  assert.deepEqual(usage.recent(), { activeMs: 2500, idleMs: 7500 });
  assert.deepEqual(usage.total, { activeMs: 2500, idleMs: 22_500 });

  const young = createLoopUsage(100_000);
  young.take({ active: 300, idle: 100 }, 100_400);
  assert.equal(utilizationOf(young.recent()), 0.75);
});

test('readers that come often do not shorten the window', () => {
  const usage = createLoopUsage(0);
  for (let ms = 5; ms <= 60_000; ms += 5) usage.take({ active: ms / 2, idle: ms / 2 }, ms);
  const { activeMs, idleMs } = usage.recent();
  assert.ok(activeMs + idleMs >= WINDOW_MS && activeMs + idleMs <= WINDOW_MS + 1000, `${activeMs + idleMs}`);
});

test('what was counted never goes down, also when an ended loop reads 0', () => {
  const usage = createLoopUsage(0);
  usage.take({ active: 10, idle: 20 }, 1000);
  usage.take({ active: 9.999, idle: 21 }, 2000);
  usage.take({ active: 0, idle: 0 }, 3000);
  assert.deepEqual(usage.total, { activeMs: 10, idleMs: 21 });
});

test('time that a thread only waited for its next task counts as idle, also when nobody tells of it any more', () => {
  const usage = createLoopUsage(0);
  usage.take({ active: 1000, idle: 20 }, 1000, 900);
  assert.deepEqual(usage.total, { activeMs: 100, idleMs: 920 });
  usage.take({ active: 1500, idle: 20 }, 1500, 0);
  assert.deepEqual(usage.total, { activeMs: 600, idleMs: 920 });
  usage.take({ active: 0, idle: 0 }, 2000, 0);
  assert.deepEqual(usage.total, { activeMs: 600, idleMs: 920 });
});

test('loops add up: utilization is active time by total time, none without time', () => {
  const both = addLoopTimes([
    { activeMs: 1000, idleMs: 0 },
    { activeMs: 0, idleMs: 3000 },
  ]);
  assert.equal(utilizationOf(both), 0.25);
  assert.ok(Number.isNaN(utilizationOf(addLoopTimes([]))));
});
