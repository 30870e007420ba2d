import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Totals } from '../../demo/totals.js';

for (const [fault, stored] of [
  [undefined, 3],
  ['lost-update', 1],
] as const) {
  test(`of three updates at once, ${stored} ${stored === 1 ? 'is' : 'are'} kept ${fault ? `with the fault ${fault}` : 'without a fault'}`, async () => {
    const totals = new Totals(new Set(fault === undefined ? [] : [fault]));
    await Promise.all([totals.add(1), totals.add(1), totals.add(1)]);
    assert.deepEqual([totals.counted, totals.stored], [3, stored]);
  });
}
