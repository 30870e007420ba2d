// The sleep of a loop that a profiler wakes: what libuv did not count of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSampledSleep } from '../../../src/stalls/loop/sampled-sleep.js';

function account(isSampled = true) {
  const thread = { isSampled, activeMs: 1000 };
  const sleep = createSampledSleep({ isSampled: () => thread.isSampled, activeMs: () => thread.activeMs });
  return {
    thread,
    /** A stretch of 100 ms that was due after 90. */
    uncounted: (countedMs: number, ranMs: number) => {
      thread.activeMs += ranMs;
      return sleep({ fromMs: 0, dueMs: 90, toMs: 100, countedMs });
    },
  };
}

test('nothing is missing where nothing samples the thread', () => {
  assert.equal(account(false).uncounted(5, 1), 0);
});

test('what the thread did not run, it slept, until it was due', () => {
  const { uncounted } = account();
  // What it had run before is not known.
  assert.equal(uncounted(5, 50), 85);
  assert.equal(uncounted(5, 40), 55);
  assert.equal(uncounted(5, 1), 85);
  // More was counted.
  assert.equal(uncounted(70, 40), 0);
  assert.equal(uncounted(5, 120), 0);
});

test('the stretch in which sampling ends is one, too, and the next is none', () => {
  const { thread, uncounted } = account();
  uncounted(5, 50);
  thread.isSampled = false;
  assert.equal(uncounted(5, 40), 55);
  assert.equal(uncounted(5, 40), 0);
});

test('a thread that nobody tells of slept until it was due', () => {
  const sleep = createSampledSleep({ isSampled: () => true, activeMs: () => Number.NaN });
  assert.equal(sleep({ fromMs: 0, dueMs: 90, toMs: 400, countedMs: 10 }), 80);
});
