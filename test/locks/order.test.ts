// Likely deadlocks: which are told of, and which only look like one.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { monitorLock } from '../../instrumentations/locks/index.js';
import { libraries, setUp } from './set-up.js';

const asyncMutex = libraries('async-mutex');
const { Mutex, Semaphore } = asyncMutex;

interface Lock {
  acquire(): Promise<() => void>;
  runExclusive<T>(work: () => Promise<T> | T): Promise<T>;
}

/** Takes one, then the other. */
async function nested(one: Lock, other: Lock): Promise<void> {
  const release = await one.acquire();
  await pause(1);
  const releaseOther = await other.acquire();
  releaseOther();
  release();
}

async function inTurn(one: Lock, other: Lock): Promise<void> {
  for (const lock of [one, other]) {
    const release = await lock.acquire();
    await pause(1);
    release();
  }
}

async function goOnMeanwhile(one: Lock, other: Lock): Promise<void> {
  const began = one.runExclusive(() => pause(5));
  await pause(1);
  await other.runExclusive(() => pause(1));
  await began;
}

async function holdAlone(lock: Lock, ms: number): Promise<void> {
  const release = await lock.acquire();
  await pause(ms);
  release();
}

async function lateAsker(lock: Lock): Promise<void> {
  await pause(1);
  const release = await lock.acquire();
  release();
}

/** `nested`, as TypeScript makes it of an async function for ES2015. */
function compiled(one: Lock, other: Lock): Promise<void> {
  return awaiter(function* () {
    const release = yield one.acquire();
    yield pause(1);
    const releaseOther = yield other.acquire();
    releaseOther?.();
    release?.();
  });
}

type Yielded = (() => void) | undefined;

function awaiter(body: () => Generator<Promise<Yielded>, void, Yielded>): Promise<void> {
  const generator = body();
  return new Promise((resolve, reject) => {
    const fulfilled = (value: Yielded) => {
      try {
        step(generator.next(value));
      } catch (error) {
        reject(error);
      }
    };
    const step = (result: IteratorResult<Promise<Yielded>, void>) => {
      if (result.done === true) resolve();
      else result.value.then(fulfilled, reject);
    };
    step(generator.next());
  });
}

const helper = async (lock: Lock): Promise<() => void> => {
  const release = await lock.acquire();
  return release;
};

type Locks = { readonly a: Lock; readonly b: Lock; readonly c: Lock };

// The export is another one while locks are followed.
const withTimeouts = ({ a, b }: Locks): readonly [Lock, Lock] => [
  asyncMutex.withTimeout(a, 1000),
  asyncMutex.withTimeout(b, 1000),
];

const CASES: readonly {
  readonly what: string;
  readonly run: (locks: Locks) => Promise<unknown>;
  readonly told: number;
}[] = [
  {
    what: 'two orders of acquire',
    run: async ({ a, b }) => {
      await nested(a, b);
      await nested(b, a);
    },
    told: 1,
  },
  {
    what: 'two orders of runExclusive',
    run: async ({ a, b }) => {
      await a.runExclusive(() => b.runExclusive(() => pause(1)));
      await b.runExclusive(async () => {
        await pause(1);
        await a.runExclusive(() => pause(1));
      });
    },
    told: 1,
  },
  {
    what: 'two orders of runExclusive with a timeout',
    run: async (locks) => {
      const [a, b] = withTimeouts(locks);
      await a.runExclusive(() => b.runExclusive(() => pause(1)));
      await b.runExclusive(async () => {
        await pause(1);
        await a.runExclusive(() => pause(1));
      });
    },
    told: 1,
  },
  {
    what: 'one who goes on while what it began runs',
    run: async ({ a, b }) => {
      await goOnMeanwhile(a, b);
      await goOnMeanwhile(b, a);
    },
    told: 0,
  },
  {
    what: 'one who goes on while what it began runs with a timeout',
    run: async (locks) => {
      const [a, b] = withTimeouts(locks);
      await goOnMeanwhile(a, b);
      await goOnMeanwhile(b, a);
    },
    told: 0,
  },
  {
    what: 'two orders of code that was compiled for older engines',
    run: async ({ a, b }) => {
      await compiled(a, b);
      await compiled(b, a);
    },
    told: 1,
  },
  {
    what: 'two orders by one helper',
    run: async ({ a, b }) => {
      async function both(one: Lock, other: Lock) {
        const release = await one.acquire();
        await pause(1);
        const releaseOther = await helper(other);
        releaseOther();
        release();
      }
      await both(a, b);
      await both(b, a);
    },
    told: 1,
  },
  {
    what: 'two orders of a loop',
    run: async ({ a, b }) => {
      async function all(locks: readonly Lock[]) {
        const releases: (() => void)[] = [];
        for (const lock of locks) releases.push(await helper(lock));
        for (const release of releases) release();
      }
      await all([a, b]);
      await all([b, a]);
    },
    told: 1,
  },
  {
    what: 'two orders within the same semaphore of many',
    run: async ({ a, b }) => {
      const many = new Semaphore(5);
      await Promise.all([many.acquire(), many.acquire(), many.acquire()]);
      await many.runExclusive(() => nested(a, b));
      await many.runExclusive(() => nested(b, a));
    },
    told: 1,
  },
  {
    what: 'a chain that is one order',
    run: async ({ a, b, c }) => {
      await nested(a, b);
      await nested(b, c);
      await nested(a, c);
    },
    told: 0,
  },
  {
    what: 'locks in turn',
    run: ({ a, b }) => Promise.all([inTurn(a, b), inTurn(b, a), inTurn(a, b), inTurn(b, a)]),
    told: 0,
  },
  {
    what: 'Promise.all of flows that hold one each',
    run: async ({ a, b }) => {
      await Promise.all([holdAlone(a, 10), lateAsker(b)]);
      await Promise.all([holdAlone(b, 10), lateAsker(a)]);
    },
    told: 0,
  },
  {
    what: 'a flow that was started and not waited for',
    run: async ({ a, b }) => {
      const background = holdAlone(a, 10);
      await pause(1);
      await lateAsker(b);
      await background;
      const other = holdAlone(b, 10);
      await pause(1);
      await lateAsker(a);
      await other;
    },
    told: 0,
  },
  {
    what: 'listeners of an emitter',
    run: async ({ a, b }) => {
      const emitter = new EventEmitter();
      const all: Promise<void>[] = [];
      emitter.on('a', () => all.push(holdAlone(a, 5), lateAsker(b)));
      emitter.on('b', () => all.push(holdAlone(b, 5), lateAsker(a)));
      emitter.emit('a');
      await Promise.all(all);
      emitter.emit('b');
      await Promise.all(all);
    },
    told: 0,
  },
  {
    what: 'a timer that was started under a lock, and runs while another flow has it',
    run: async ({ a, b }) => {
      const ends: Promise<void>[] = [];
      const under = async (one: Lock, other: Lock) => {
        const release = await one.acquire();
        ends.push(
          new Promise((resolve) => {
            setTimeout(() => void lateAsker(other).then(resolve), 1);
          }),
        );
        await pause(10);
        release();
      };
      await under(a, b);
      await under(b, a);
      await Promise.all(ends);
    },
    told: 0,
  },
  {
    what: 'semaphores of many, nearly taken',
    run: async () => {
      const one = new Semaphore(2);
      const other = new Semaphore(2);
      await one.acquire();
      await other.acquire();
      const both = async (first: typeof one, second: typeof one) => {
        const [, release] = await first.acquire();
        await pause(1);
        const [, releaseSecond] = await second.acquire();
        releaseSecond();
        release();
      };
      await both(one, other);
      await both(other, one);
    },
    told: 0,
  },
  {
    what: 'semaphores of one’s own, which several have',
    run: async () => {
      const make = (name: string) => {
        const lock = { acquire: async () => {}, release() {} };
        monitorLock(lock, name);
        return lock;
      };
      const [one, other] = [make('own one'), make('own other')];
      const both = async (first: typeof one, second: typeof one) => {
        await first.acquire();
        await pause(1);
        await second.acquire();
        await pause(1);
        second.release();
        first.release();
      };
      await one.acquire();
      await other.acquire();
      await both(one, other);
      await both(other, one);
    },
    told: 0,
  },
];

for (const { what, run, told: expected } of CASES) {
  test(`${what}: ${expected} told`, async (t) => {
    const { told } = setUp(t, { order: true });
    await run({ a: new Mutex(), b: new Mutex(), c: new Mutex() });
    assert.equal(told().deadlocks, expected);
  });
}
