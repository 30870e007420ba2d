import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retry } from '../../demo/retry.js';

/** An attempt that fails the first `failures` times. */
function failing(failures: number) {
  let calls = 0;
  const attempt = async () => {
    calls++;
    if (calls <= failures) throw new Error(`failure ${calls}`);
    return `attempt ${calls}`;
  };
  return { attempt, calls: () => calls };
}

const options = { attempts: 3, backOffMs: 1, random: () => 0 };

for (const [failures, outcome] of [
  [0, 'attempt 1'],
  [2, 'attempt 3'],
] as const) {
  test(`after ${failures} failures the result is that of ${outcome}`, async () => {
    assert.equal(await retry(failing(failures).attempt, options), outcome);
  });
}

test('when every attempt fails, it rejects with what the last one threw', async () => {
  const { attempt, calls } = failing(99);
  await assert.rejects(retry(attempt, options), { message: 'failure 3' });
  assert.equal(calls(), 3);
});
