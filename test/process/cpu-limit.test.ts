import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { observeCpuLimit, quotaOf } from '../../instrumentations/process/cpu-limit.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';

test('the quota of a control group, of version 2 and of version 1', () => {
  for (const [text, quota] of [
    ['50000 100000\n', 0.5],
    ['250000 100000', 2.5],
    ['400000 100000', 4],
    ['max 100000\n', Number.NaN],
    ['-1 100000', Number.NaN],
    ['', Number.NaN],
    [' ', Number.NaN],
    ['50000', Number.NaN],
  ] as const) {
    assert.equal(quotaOf(text), quota, JSON.stringify(text));
  }
});

test('the limit is never more than the processors that there are, and goes with its monitor', () => {
  const store = createStore({ clock: systemClock, report: rethrow });
  const monitor = observeCpuLimit({ recorder: store, clock: systemClock, shared: false, report: rethrow });
  const limit = readStore(store)['loopsight.cpu.limit'] ?? Number.NaN;
  assert.ok(limit > 0 && limit <= availableParallelism(), `${limit}`);
  monitor.stop();
  assert.deepEqual(readStore(store), {});
});
