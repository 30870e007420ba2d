// Locks of libraries, of the platform and of the application's own: who waits, for how long, and who holds them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { monitorLock } from '../../instrumentations/locks/index.js';
import { eventually } from '../support/eventually.js';
import { readStore } from '../support/read-store.js';
import { libraries, setUp } from './set-up.js';

const { Mutex, Semaphore } = libraries('async-mutex');
const { Sema } = libraries('async-sema');

/** A lock of the application's own: the promise of `acquire` is for nothing. */
class OwnLock {
  #last: Promise<void> = Promise.resolve();
  #giveBack: (() => void)[] = [];

  acquire(): Promise<void> {
    const before = this.#last;
    this.#last = new Promise((resolve) => this.#giveBack.push(resolve));
    return before;
  }

  release(): void {
    this.#giveBack.shift()?.();
  }
}

/** Another one: the promise is for the function that gives it back. */
class ReleaserLock {
  readonly #lock = new OwnLock();

  async lock(): Promise<() => void> {
    await this.#lock.acquire();
    return () => this.#lock.release();
  }
}

/** A third, which takes what is to be done. */
class RunningLock {
  #last: Promise<unknown> = Promise.resolve();

  acquire(): never {
    throw new Error('nobody calls it');
  }

  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** A fourth, which runs by its own `acquire`, and does something else before. */
class LateLock extends ReleaserLock {
  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    await pause(1);
    const release = await this.lock();
    try {
      return await work();
    } finally {
      release();
    }
  }
}

/** A fifth, which does so at once. */
class PromptLock extends OwnLock {
  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}

/** A sixth, whose `acquire` takes the key of the lock and what is to be done. */
class KeyedLock {
  readonly #lock = new PromptLock();

  acquire<T>(_key: string, work: () => Promise<T>): Promise<T> {
    return this.#lock.runExclusive(work);
  }
}

type Use = (lock: never, work: () => Promise<void>) => Promise<void>;

const acquireAndRelease: Use = async (lock: { acquire(): Promise<unknown>; release(): void }, work) => {
  await lock.acquire();
  await work();
  lock.release();
};
const runExclusive: Use = (lock: { runExclusive(work: () => Promise<void>): Promise<void> }, work) =>
  lock.runExclusive(work);

const LOCKS: readonly { readonly name: string; readonly make: () => object; readonly use: Use }[] = [
  { name: 'a Mutex of async-mutex, acquired and released', make: () => new Mutex(), use: acquireAndRelease },
  { name: 'a Mutex of async-mutex that runs', make: () => new Mutex(), use: runExclusive },
  {
    name: 'a Mutex of async-mutex, released by the function it gives',
    make: () => new Mutex(),
    use: async (lock: { acquire(): Promise<() => void> }, work) => {
      const release = await lock.acquire();
      await work();
      release();
    },
  },
  { name: 'a Semaphore of async-mutex', make: () => new Semaphore(1), use: runExclusive },
  { name: 'a Sema of async-sema', make: () => new Sema(1), use: acquireAndRelease },
  { name: 'a lock of one’s own', make: () => new OwnLock(), use: acquireAndRelease },
  {
    name: 'a lock of one’s own that gives a function',
    make: () => new ReleaserLock(),
    use: async (lock: { lock(): Promise<() => void> }, work) => {
      const release = await lock.lock();
      await work();
      release();
    },
  },
  { name: 'a lock of one’s own that runs', make: () => new RunningLock(), use: runExclusive },
  {
    name: 'a lock of one’s own whose acquire runs',
    make: () => new KeyedLock(),
    use: (lock: KeyedLock, work) => lock.acquire('key', work),
  },
  { name: 'a lock of one’s own that runs when it was acquired', make: () => new PromptLock(), use: runExclusive },
  { name: 'a lock of one’s own that runs, and acquires later', make: () => new LateLock(), use: runExclusive },
];

for (const { name, make, use } of LOCKS) {
  test(`${name}: waiters, waits and holds`, async (t) => {
    const { read } = setUp(t);
    const lock = make();
    const monitored = monitorLock(lock, name);
    t.after(() => monitored.stop());
    let inside = 0;
    let most = 0;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const work = async () => {
      most = Math.max(most, ++inside);
      await opened;
      await pause(30);
      inside--;
    };
    const all = Array.from({ length: 4 }, () => use(lock as never, work));
    await eventually(
      () => read(name).waiters,
      (waiters) => waiters === 3,
    );
    await eventually(
      () => read(name).longestHold ?? 0,
      (longestHold) => longestHold > 0,
    );
    open();
    await Promise.all(all);
    const { waits, waited, holds, held, ...now } = read(name);
    assert.equal(most, 1);
    assert.deepEqual({ waits, holds, ...now }, { waits: 4, holds: 4, waiters: 0, longestHold: 0 });
    // 0, 30, 60 and 90 ms of waiting; timers are never early by more than one.
    assert.ok(waited >= 0.17, `${waited} s waited`);
    assert.ok(held >= 0.115 && held <= waited, `${held} s held`);
  });
}

test('a lock of one’s own that runs as it acquires: who waits is counted once from the second run on', async (t) => {
  const { read } = setUp(t);
  const lock = new LateLock();
  monitorLock(lock, 'late');
  await lock.runExclusive(async () => {});
  const release = await lock.lock();
  const all = [1, 2, 3].map(() => lock.runExclusive(async () => {}));
  await eventually(
    () => read('late').waiters,
    (waiters) => waiters === 3,
  );
  release();
  await Promise.all(all);
  const { waiters, waits, holds, longestHold } = read('late');
  assert.deepEqual({ waiters, waits, holds, longestHold }, { waiters: 0, waits: 5, holds: 5, longestHold: 0 });
});

test('a request that is cancelled waits no more, and fails as it does without us', async (t) => {
  const { read } = setUp(t);
  const lock = new Mutex();
  monitorLock(lock, 'cancelled');
  const release = await lock.acquire();
  const second = lock.acquire();
  assert.equal(read('cancelled').waiters, 1);
  lock.cancel();
  await assert.rejects(second, /canceled/);
  assert.equal(read('cancelled').waiters, 0);
  release();
  assert.equal(read('cancelled').waits, 1);
});

test('a semaphore of two has two holders, each with its own time', async (t) => {
  const { read } = setUp(t);
  const lock = new Semaphore(2);
  monitorLock(lock, 'two');
  const [, first] = await lock.acquire();
  await pause(40);
  const from = performance.now();
  const [, second] = await lock.acquire();
  second();
  const mostS = (performance.now() - from) / 1000;
  const { held } = read('two');
  assert.ok(held <= mostS, `the second one had it for a moment: ${held} s of ${mostS} s`);
  first();
  assert.ok(read('two').held - held >= 0.035);
});

test('a lock that nobody named has the name of the file that asked for it first', async (t) => {
  const { store } = setUp(t);
  const use = runInThisContext('(async (lock) => (await lock.acquire())())', { filename: '/srv/shop/src/accounts.js' });
  await use(new Mutex());
  await use(new Mutex());
  const values = readStore(store);
  assert.equal(values['loopsight.lock.hold.duration.count{lock.name=src/accounts.js}'], 2, JSON.stringify(values));
});

test('stop puts every method back', (t) => {
  const methods = ['acquire', 'release', 'cancel', 'runExclusive', '_dispatchItem', '_newReleaser'];
  const before = methods.map((key) => Semaphore.prototype[key]);
  const semaBefore = ['acquire', 'tryAcquire', 'release'].map((key) => Sema.prototype[key]);
  const { monitor } = setUp(t);
  assert.notEqual(Semaphore.prototype.acquire, before[0]);
  assert.deepEqual(
    methods.map((key) => [Semaphore.prototype[key].name, Semaphore.prototype[key].length]),
    before.map(({ name, length }) => [name, length]),
  );
  const own = new OwnLock();
  const monitored = monitorLock(own, 'own');
  assert.ok(Object.hasOwn(own, 'acquire'));
  monitored.stop();
  monitored.stop();
  assert.ok(!Object.hasOwn(own, 'acquire'));
  monitor.stop();
  assert.deepEqual(
    methods.map((key) => Semaphore.prototype[key]),
    before,
  );
  assert.deepEqual(
    ['acquire', 'tryAcquire', 'release'].map((key) => Sema.prototype[key]),
    semaBefore,
  );
});

test('a lock fails as it does without us', async (t) => {
  setUp(t);
  const failing = {
    acquire: () => Promise.reject(new Error('no lock')),
    release() {
      throw new Error('not held');
    },
  };
  monitorLock(failing, 'failing');
  await assert.rejects(failing.acquire(), /no lock/);
  assert.throws(() => failing.release(), /not held/);
  assert.throws(() => new Semaphore(1).acquire(0), /invalid weight/);
});

const BAD: readonly [lock: unknown, name: unknown, message: RegExp][] = [
  [undefined, 'x', /`lock` to be an object with `acquire` or `lock`, got `undefined`/],
  [{}, 'x', /`lock` to be an object with `acquire` or `lock`/],
  [new OwnLock(), '', /`name` to be a string that is not empty/],
];

for (const [lock, name, message] of BAD) {
  test(`monitorLock refuses ${message.source}`, () => {
    assert.throws(() => monitorLock(lock as object, name as string), { name: 'TypeError', message });
  });
}

interface WebLocks {
  request(...args: unknown[]): Promise<unknown>;
}

const { navigator = {} } = globalThis as { readonly navigator?: { readonly locks?: WebLocks } };

if ('locks' in navigator) {
  test('Web Locks', async (t) => {
    const { read, monitor, values } = setUp(t);
    const { locks } = navigator;
    assert.ok(locks !== undefined);
    const ask: (...args: unknown[]) => Promise<unknown> = runInThisContext(
      '((locks) => (...args) => locks.request(...args))',
      { filename: '/srv/shop/src/leader.js' },
    )(locks);
    // The name of a lock may be made of what a client sent, and stays out of the metrics.
    const name = 'src/leader.js';
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = ask('user-alice', () => opened.then(() => pause(40)));
    const second = ask('user-alice', { mode: 'exclusive' }, () => 'second');
    const refused = ask('user-alice', { ifAvailable: true }, (lock: unknown) => lock);
    await eventually(
      () => read(name).waiters,
      (waiters) => waiters === 1,
    );
    assert.equal((await (locks as WebLocks & { query(): Promise<{ held: unknown[] }> }).query()).held.length, 1);
    assert.equal(await refused, null);
    open();
    assert.equal(await second, 'second');
    await first;
    const controller = new AbortController();
    await ask('user-alice', async () => {
      const aborted = ask('user-alice', { signal: controller.signal }, () => {});
      controller.abort();
      await assert.rejects(aborted, { name: 'AbortError' });
    });
    await assert.rejects(
      ask('user-alice', () => {
        throw new Error('of its own');
      }),
      /of its own/,
    );
    const { waiters, waits, holds, waited } = read(name);
    assert.deepEqual({ waiters, waits, holds }, { waiters: 0, waits: 4, holds: 4 });
    assert.ok(waited >= 0.03);
    assert.deepEqual([read(name).waiters, read(name).longestHold], [0, 0]);
    assert.ok(!Object.keys(values()).some((key) => key.includes('alice')));
    const { request } = Object.getPrototypeOf(locks);
    monitor.stop();
    assert.notEqual(Object.getPrototypeOf(locks).request, request);
  });
}
