// One timer for one moment after the other, on the real clock: what is asserted are bounds from below and the order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRearmedTimer } from '../src/rearmed-timer.js';

test('it calls back once for each time that it is armed, whether the delay is that of the last time or not', async () => {
  const delays = [5, 5, 5, 8, 3, 3];
  const waits: number[] = [];
  await new Promise<void>((resolve) => {
    let next = 0;
    let armedMs = performance.now();
    const timer = createRearmedTimer(
      () => {
        waits.push(performance.now() - armedMs);
        const delayMs = delays[++next];
        if (delayMs === undefined) return resolve();
        armedMs = performance.now();
        assert.equal(timer.arm(delayMs), delayMs);
      },
      { ref: true },
    );
    timer.arm(delays[0] ?? 0);
  });
  assert.equal(waits.length, delays.length);
  // Node's timers count from the begin of the iteration, in whole milliseconds.
  for (const [index, waitMs] of waits.entries()) assert.ok(waitMs > (delays[index] ?? 0) - 2, `${waitMs} ms`);
});

test('armed before it is due it calls back at the later time alone', async () => {
  let calls = 0;
  const timer = createRearmedTimer(() => calls++, { ref: true });
  timer.arm(2);
  timer.arm(20);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(calls, 0);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(calls, 1);
});

test('the delay of the last time is taken where that is at most the slack later, and never earlier', () => {
  const timer = createRearmedTimer(() => {}, { ref: false });
  assert.equal(timer.arm(100, 2), 100);
  assert.equal(timer.arm(99, 2), 100);
  assert.equal(timer.arm(98, 2), 100);
  assert.equal(timer.arm(97, 2), 97);
  assert.equal(timer.arm(98, 2), 98);
  timer.stop();
});

test('a stopped timer does not call back', async () => {
  let calls = 0;
  const timer = createRearmedTimer(() => calls++, { ref: true });
  timer.arm(1);
  timer.stop();
  timer.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(calls, 0);
});
