// Uses of locks that are out of the ordinary: weights, rate limiters, locks that fail, are named twice or never given back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { monitorLock } from '../../instrumentations/locks/index.js';
import { eventually } from '../support/eventually.js';
import { libraries, setUp } from './set-up.js';

const { Mutex, Semaphore, withTimeout, tryAcquire } = libraries('async-mutex');
const { Sema, RateLimit } = libraries('async-sema');

test('a weight that is given back in parts is held until the last of them', async (t) => {
  const { read } = setUp(t);
  const lock = new Semaphore(4);
  monitorLock(lock, 'parts');
  await lock.acquire(3);
  await lock.acquire(1);
  lock.release(1);
  lock.release(1);
  assert.equal(read('parts').holds, 0);
  lock.release(1);
  assert.equal(read('parts').holds, 1);
  lock.release(1);
  assert.deepEqual([read('parts').holds, read('parts').longestHold], [2, 0]);
});

test('a semaphore that is refilled by its value is held by nobody afterwards', async (t) => {
  const { read, told } = setUp(t, { holdThresholdMs: 20 });
  const limiter = new Semaphore(2);
  monitorLock(limiter, 'limiter');
  await limiter.acquire();
  await limiter.acquire();
  const third = limiter.acquire();
  limiter.setValue(2);
  await third;
  limiter.setValue(2);
  await pause(2);
  assert.equal(read('limiter').longestHold, 0);
  assert.equal(told().longHolds, 0);
});

test('what a function gives back is not taken from another one that holds it too', async (t) => {
  const { read } = setUp(t);
  const lock = new Semaphore(3);
  monitorLock(lock, 'refilled');
  const [, first] = await lock.acquire();
  lock.setValue(3);
  const [, second] = await lock.acquire();
  first();
  assert.ok((read('refilled').longestHold ?? 0) > 0, 'the second one still has it');
  second();
  assert.equal(read('refilled').longestHold, 0);
});

test('a rate limiter of async-sema is waited for, and held by nobody', async (t) => {
  const { values } = setUp(t);
  const limit = RateLimit(1, { timeUnit: 50 });
  await limit();
  await limit();
  await limit();
  const all = Object.entries(values());
  const sumOf = (metric: string) =>
    all.reduce((sum, [key, value]) => (key.startsWith(`loopsight.lock.${metric}`) ? sum + value : sum), 0);
  assert.ok(sumOf('wait.duration.sum') >= 0.09, `${sumOf('wait.duration.sum')} s waited`);
  assert.equal(sumOf('hold.duration.count'), 0);
  assert.equal(sumOf('longest_hold'), 0);
});

test('a lock with a timeout, and one that is only tried, leave no waiter behind', async (t) => {
  const { read } = setUp(t);
  const lock = new Mutex();
  monitorLock(lock, 'tried');
  const release = await lock.acquire();
  await assert.rejects(tryAcquire(lock).acquire(), /already locked/);
  await assert.rejects(
    withTimeout(lock, 5).runExclusive(() => {}),
    /timeout/,
  );
  release();
  await pause(1);
  const { waiters, longestHold } = read('tried');
  assert.deepEqual({ waiters, longestHold }, { waiters: 0, longestHold: 0 });
});

test('who comes first by priority gets it first', async (t) => {
  const { read } = setUp(t);
  const lock = new Semaphore(1);
  monitorLock(lock, 'priorities');
  const [, release] = await lock.acquire();
  const order: string[] = [];
  const ask = async (what: string, priority: number) => {
    const [, giveBack] = await lock.acquire(1, priority);
    order.push(what);
    giveBack();
  };
  const all = [ask('low', -1), ask('middle', 0), ask('high', 1)];
  assert.equal(read('priorities').waiters, 3);
  release();
  await Promise.all(all);
  assert.deepEqual(order, ['high', 'middle', 'low']);
  const { waiters, waits, holds, longestHold } = read('priorities');
  assert.deepEqual({ waiters, waits, holds, longestHold }, { waiters: 0, waits: 4, holds: 4, longestHold: 0 });
});

const waiting = () => new Promise<void>(() => {});

test('work that is never done, because the lock gave up, waits no more', async (t) => {
  const { read } = setUp(t);
  const lock = { acquire: waiting, runExclusive: (_work: () => void) => Promise.reject(new Error('timed out')) };
  monitorLock(lock, 'gave up');
  await assert.rejects(
    lock.runExclusive(() => {}),
    /timed out/,
  );
  assert.equal(read('gave up').waiters, 0);
  const throwing = {
    acquire: waiting,
    runExclusive(_work: () => void) {
      throw new Error('closed');
    },
  };
  monitorLock(throwing, 'throws');
  assert.throws(() => throwing.runExclusive(() => {}), /closed/);
  assert.equal(read('throws').waiters, 0);
});

test('what the application hangs on the promise stays on it', async (t) => {
  setUp(t);
  const cancel = () => 'cancelled';
  const lock = { acquire: () => Object.assign(Promise.resolve('token'), { cancel }), release() {} };
  monitorLock(lock, 'cancellable');
  const asked = lock.acquire();
  assert.equal(asked.cancel, cancel);
  assert.equal(await asked, 'token');
});

test('each of those who hold a semaphore for long is told of', async (t) => {
  const { told } = setUp(t, { holdThresholdMs: 20 });
  const lock = new Semaphore(2);
  const [[, first], [, second]] = [await lock.acquire(), await lock.acquire()];
  const third = lock.acquire();
  await eventually(told, ({ longHolds }) => longHolds === 2);
  first();
  second();
  (await third)[1]();
});

test('a lock that is named twice is counted once, under its last name', async (t) => {
  const { read } = setUp(t);
  const lock = { acquire: async () => {}, release() {} };
  const first = monitorLock(lock, 'one');
  const second = monitorLock(lock, 'two');
  await lock.acquire();
  lock.release();
  assert.deepEqual([read('two').waits, read('two').holds], [1, 1]);
  first.stop();
  second.stop();
  assert.ok(!Object.hasOwn(lock, 'loopsight'));
});

test('a lock whose release nobody sees is waited for, and held by nobody', async (t) => {
  const { read } = setUp(t);
  const lock = { acquire: async () => ({ release() {} }) };
  monitorLock(lock, 'unseen');
  await lock.acquire();
  assert.deepEqual([read('unseen').waits, read('unseen').longestHold], [1, 0]);
});

test('a function that gives back by the method of the lock gives back once', async (t) => {
  const { read } = setUp(t);
  const lock = {
    async acquire() {
      return () => lock.release();
    },
    release() {},
  };
  monitorLock(lock, 'by method');
  const first = await lock.acquire();
  const second = await lock.acquire();
  first();
  assert.ok((read('by method').longestHold ?? 0) > 0, 'the second one still has it');
  second();
  assert.deepEqual([read('by method').holds, read('by method').longestHold], [2, 0]);
});

test('a lock that is not monitored any more is held by nobody, and its series are gone', async (t) => {
  const { read, values } = setUp(t);
  const lock = { acquire: async () => {}, release() {} };
  const monitored = monitorLock(lock, 'gone');
  await lock.acquire();
  assert.equal(read('gone').waits, 1);
  monitored.stop();
  lock.release();
  assert.deepEqual(
    Object.keys(values()).filter((key) => key.includes('gone')),
    [],
  );
});

test('a lock that cannot be changed is refused, and left as it was', () => {
  const lock = { acquire: waiting, release() {} };
  Object.defineProperty(lock, 'release', { configurable: false, writable: false });
  const { acquire } = lock;
  assert.throws(() => monitorLock(lock, 'fixed'), { name: 'TypeError', message: /`lock` to be/ });
  assert.equal(lock.acquire, acquire);
  assert.throws(() => monitorLock(Object.freeze({ acquire: waiting }), 'frozen'), { name: 'TypeError' });
});

test('a rejection that nobody handles stays one, once', async (t) => {
  setUp(t);
  const { promise, resolve } = withResolvers();
  const seen: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const listen = (reason: unknown) => {
    seen.push(reason);
    resolve();
  };
  process.on('unhandledRejection', listen);
  t.after(() => {
    process.off('unhandledRejection', listen);
    for (const one of listeners) process.on('unhandledRejection', one);
  });
  const lock = {
    acquire: () => Promise.reject(new Error('no lock')),
    runExclusive(work: () => unknown) {
      work();
    },
  };
  monitorLock(lock, 'rejecting');
  void lock.acquire();
  await promise;
  lock.runExclusive(() => Promise.reject(new Error('of the work')));
  await pause(5);
  assert.deepEqual(
    seen.map((reason) => (reason as Error).message),
    ['no lock', 'of the work'],
  );
});

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a request of a Sema that was made before anybody watched does no harm', async (t) => {
  const lock = new Sema(1);
  await lock.acquire();
  const second = lock.acquire();
  const { read } = setUp(t);
  monitorLock(lock, 'early');
  lock.release();
  await second;
  lock.release();
  assert.deepEqual([read('early').waiters, read('early').longestHold], [0, 0]);
});
