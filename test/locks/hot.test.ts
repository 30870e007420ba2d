// A lock that is used far more often than stacks are taken.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { monitorLock } from '../../instrumentations/locks/index.js';
import { eventually } from '../support/eventually.js';
import { libraries, setUp } from './set-up.js';

const { Mutex } = libraries('async-mutex');

const { use, holdForLong } = runInThisContext(
  `({
    async use(lock) {
      (await lock.acquire())();
    },
    async holdForLong(lock, until) {
      const release = await lock.acquire();
      await until;
      release();
    },
  })`,
  { filename: '/srv/shop/src/hot.js' },
);

test('all of its figures are there, and who holds it for long is told of', async (t) => {
  const { read, told, values } = setUp(t, { holdThresholdMs: 20 });
  const lock = new Mutex();
  monitorLock(lock, 'hot');
  for (let count = 0; count < 5000; count++) await use(lock);
  const { waits, holds, waiters, longestHold } = read('hot');
  assert.deepEqual({ waits, holds, waiters, longestHold }, { waits: 5000, holds: 5000, waiters: 0, longestHold: 0 });
  // The first one may be without its code; by the second there are stacks again.
  for (const count of [1, 2]) {
    let end = () => {};
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    const long = holdForLong(lock, until);
    const waiting = use(lock);
    await eventually(told, ({ longHolds }) => longHolds === count);
    end();
    await Promise.all([long, waiting]);
    await pause(5);
  }
  const named = Object.keys(values()).filter((key) => key.startsWith('loopsight.lock.long_holds'));
  assert.ok(
    named.some((key) => key.includes('code.function.name=holdForLong')),
    named.join('\n'),
  );
});
