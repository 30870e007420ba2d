import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRestartDelays } from '../../src/observer/restart-delays.js';

const HOUR_MS = 3_600_000;

test('an observer that cannot run is started again three times, ever later', () => {
  const delays = createRestartDelays();
  assert.deepEqual(
    [5, 5, 5, 5, 5].map((ranMs) => delays.next(ranMs)),
    [1_000, 10_000, 60_000, undefined, undefined],
  );
});

test('one that ends after it ran well for an hour begins anew, also the tenth time', () => {
  const delays = createRestartDelays();
  for (let end = 0; end < 10; end++) assert.equal(delays.next(HOUR_MS), 1_000);
  assert.equal(delays.next(HOUR_MS - 1), 10_000);
  assert.equal(delays.next(HOUR_MS - 1), 60_000);
  assert.equal(delays.next(HOUR_MS - 1), undefined);
});
