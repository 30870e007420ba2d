// Several who watch locks at once, and one that comes back.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { monitorLock } from '../../instrumentations/locks/index.js';
import { eventually } from '../support/eventually.js';
import { libraries, setUp } from './set-up.js';

const { Mutex } = libraries('async-mutex');
const { Sema } = libraries('async-sema');

interface Lock {
  acquire(): Promise<() => void>;
}

async function nested(one: Lock, other: Lock): Promise<void> {
  const release = await one.acquire();
  await pause(1);
  const releaseOther = await other.acquire();
  releaseOther();
  release();
}

test('one that stops leaves the others what they look for', async (t) => {
  const first = setUp(t, { order: true, holdThresholdMs: 20 });
  const second = setUp(t, { order: false, holdThresholdMs: 20 });
  second.monitor.stop();
  const [a, b] = [new Mutex(), new Mutex()];
  await nested(a, b);
  await nested(b, a);
  assert.equal(first.told().deadlocks, 1);
  const release = await a.acquire();
  const waiting = a.acquire();
  await eventually(first.told, ({ longHolds }) => longHolds === 1);
  release();
  (await waiting)();
});

test('one that stops hands what is under way to the next', async (t) => {
  const first = setUp(t);
  const second = setUp(t);
  const lock = new Mutex();
  monitorLock(lock, 'handed');
  const release = await lock.acquire();
  const waiting = lock.acquire();
  first.monitor.stop();
  release();
  (await waiting)();
  const { waiters, longestHold, holds } = second.read('handed');
  assert.deepEqual({ waiters, longestHold, holds }, { waiters: 0, longestHold: 0, holds: 2 });
});

test('what was given back while nobody watched is not held afterwards', async (t) => {
  const { monitor, start, read } = setUp(t);
  const [lock, sema] = [new Mutex(), new Sema(1)];
  monitorLock(lock, 'mutex back');
  monitorLock(sema, 'sema back');
  await lock.acquire();
  await sema.acquire();
  const waiting = lock.acquire();
  monitor.stop();
  lock.release();
  sema.release();
  await waiting;
  lock.release();
  const again = start();
  t.after(() => again.stop());
  for (const name of ['mutex back', 'sema back']) {
    const { waiters, longestHold } = read(name);
    assert.deepEqual({ waiters, longestHold }, { waiters: 0, longestHold: 0 }, name);
  }
  await lock.acquire();
  lock.release();
  assert.equal(read('mutex back').holds, 1);
});

test('an idle process is not woken by a lock that nobody gives back', async (t) => {
  const { told } = setUp(t, { holdThresholdMs: 20 });
  const lock = new Mutex();
  await lock.acquire();
  void lock.acquire();
  await eventually(told, ({ longHolds }) => longHolds === 1);
  let timers = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'Timeout') timers++;
    },
  }).enable();
  await pause(60);
  hook.disable();
  assert.equal(timers, 1, 'the one of this test');
});

test('twenty thousand wait for one lock', async (t) => {
  const { read } = setUp(t);
  const lock = new Mutex();
  monitorLock(lock, 'crowded');
  const release = await lock.acquire();
  const all: Promise<() => void>[] = [];
  for (let count = 0; count < 20_000; count++) all.push(lock.acquire());
  assert.equal(read('crowded').waiters, 20_000);
  release();
  await Promise.all(all.map((one) => one.then((giveBack) => giveBack())));
  const { waiters, waits, holds, longestHold } = read('crowded');
  assert.deepEqual(
    { waiters, waits, holds, longestHold },
    { waiters: 0, waits: 20_001, holds: 20_001, longestHold: 0 },
  );
});
