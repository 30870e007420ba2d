import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponentialGapMs, startArrivals } from '../../demo/arrivals.js';
import { blockLoop } from '../../demo/block-loop.js';

test('gaps are exponential: mean and median are those of the rate', () => {
  const uniforms = Array.from({ length: 100_000 }, (_, index) => (index + 0.5) / 100_000);
  const mean = uniforms.reduce((sum, uniform) => sum + exponentialGapMs(25, uniform), 0) / uniforms.length;
  assert.ok(Math.abs(mean - 40) < 0.01, `${mean}`);
  assert.ok(Math.abs(exponentialGapMs(25, 0.5) - 40 * Math.LN2) < 1e-9);
});

test('arrivals that became due while the loop was blocked are all made up for', async () => {
  let arrived = 0;
  const atBlockEnd = await new Promise<number>((resolve) => {
    // A uniform of 1 - 1/e gives gaps of exactly the mean, here 10 ms.
    const arrivals = startArrivals({ ratePerS: 100, random: () => 1 - 1 / Math.E, onArrival: () => arrived++ });
    blockLoop(205);
    setTimeout(() => {
      arrivals.stop();
      resolve(arrived);
    }, 1);
  });
  assert.ok(atBlockEnd >= 20, `${atBlockEnd}`);
});
