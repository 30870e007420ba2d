// Locks that the application drops while they are held: they are held for ever by nobody, and keep nothing alive.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLocksMonitor, monitorLock } from '../../instrumentations/locks/index.js';
import { systemClock } from '../../src/clock.js';
import { createStore } from '../../src/recorder/store.js';
import { readStore, rethrow } from '../support/read-store.js';
import { libraries } from './set-up.js';

const { Mutex } = libraries('async-mutex');

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Takes a lock that nobody else will ever see. */
async function drop(name: string): Promise<WeakRef<object>> {
  const lock = new Mutex();
  monitorLock(lock, name);
  await lock.acquire();
  void lock.acquire();
  return new WeakRef(lock);
}

test('they are forgotten at the next collections of figures', async (t) => {
  let laterMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs };
  const store = createStore({ clock, report: rethrow });
  const monitor = createLocksMonitor().start({ recorder: store, clock, shared: false, report: rethrow });
  t.after(() => monitor.stop());
  const read = (metric: string) => readStore(store)[`loopsight.lock.${metric}{lock.name=dropped}`];

  const kept = new Mutex();
  monitorLock(kept, 'kept');
  await kept.acquire();
  const dropped = await Promise.all(Array.from({ length: 10 }, () => drop('dropped')));
  assert.equal(read('waiters'), 10);
  laterMs = 10_000;
  assert.ok((read('longest_hold') ?? 0) > 9);
  for (let round = 0; round < 20 && dropped.some((one) => one.deref() !== undefined); round++) {
    read('waiters');
    await pause(1);
    collectGarbage();
  }
  assert.deepEqual([read('waiters'), read('longest_hold')], [0, 0]);
  const longest = readStore(store)['loopsight.lock.longest_hold{lock.name=kept}'] ?? 0;
  assert.ok(longest > 9, `${longest} s`);
  kept.release();
});
