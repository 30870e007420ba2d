// Utilization over a window, on invented loop times.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUtilizationWindow } from '../../instrumentations/event-loop/utilization-window.js';

const OPTIONS = { windowMs: 10_000, sampleEveryMs: 1000 };

test('the share of the last 10 seconds, not of the time before', () => {
  const window = createUtilizationWindow(OPTIONS);
  // 60 s idle, then 5 s active, sampled as the probes would: about 20 times a second.
  const timeAt = (ms: number) => ({ active: Math.max(0, ms - 60_000), idle: Math.min(ms, 60_000) });
  for (let ms = 0; ms <= 65_000; ms += 50) window.sample(ms, () => timeAt(ms));
  assert.equal(window.utilization(65_000, timeAt(65_000)), 0.5);
});

test('a loop that was blocked takes no samples: the stretch begins at the youngest one that is old enough', () => {
  const window = createUtilizationWindow(OPTIONS);
  for (let ms = 0; ms <= 20_000; ms += 1000) window.sample(ms, () => ({ active: 0, idle: ms }));
  // Then 30 s in one callback.
  assert.equal(window.utilization(50_000, { active: 30_000, idle: 20_000 }), 1);
  assert.equal(window.utilization(50_000, { active: 30_000, idle: 20_000 }), 1, 'a reader changes nothing');
});

test('a young process: since its loop began to turn', () => {
  const window = createUtilizationWindow(OPTIONS);
  assert.equal(window.utilization(10, { active: 0, idle: 0 }), Number.NaN);
  assert.equal(window.utilization(100, { active: 25, idle: 75 }), 0.25);
  window.sample(200, () => ({ active: 25, idle: 175 }));
  assert.equal(window.utilization(300, { active: 75, idle: 225 }), 0.5);
});

test('samples are about a second apart, however often it is offered', () => {
  const window = createUtilizationWindow(OPTIONS);
  let reads = 0;
  for (let ms = 0; ms < 10_000; ms += 10) {
    window.sample(ms, () => {
      reads++;
      return { active: 0, idle: ms };
    });
  }
  assert.equal(reads, 10);
});
