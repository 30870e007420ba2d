// Web Locks in every mode: what Node does with them is the same with us, and each use is counted once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setUp } from './set-up.js';

interface WebLocks {
  request(...args: unknown[]): Promise<unknown>;
}

/** What came of each request, in the order in which they settled. */
type Outcomes = string[];
type Ask = (label: string, ...args: unknown[]) => Promise<void>;

const never = () => new Promise<void>(() => {});

const CASES: readonly {
  readonly what: string;
  readonly run: (ask: Ask) => Promise<unknown>;
  /** How often a lock was handed over. */
  readonly granted: number;
}[] = [
  {
    what: 'one that steals from a holder',
    async run(ask) {
      const first = ask('first', 'stolen', never);
      await pause(2);
      const waiting = ask('waiting', 'stolen', () => 'it');
      await ask('thief', 'stolen', { steal: true }, () => pause(5, 'got it'));
      await Promise.all([first, waiting]);
    },
    granted: 3,
  },
  {
    what: 'one that steals at once, and is stolen from',
    async run(ask) {
      const all = [ask('first', 'again', never), ask('second', 'again', { steal: true }, never)];
      await pause(2);
      await Promise.all([...all, ask('third', 'again', { steal: true }, () => 'third')]);
    },
    granted: 3,
  },
  {
    what: 'several that share, and one that does not',
    async run(ask) {
      const shared = { mode: 'shared' };
      const all = [1, 2, 3].map((count) => ask(`reader ${count}`, 'shared', shared, () => pause(3, count)));
      await Promise.all([...all, ask('writer', 'shared', () => 'wrote'), ask('late', 'shared', shared, () => 'read')]);
    },
    granted: 5,
  },
  {
    what: 'one that steals what several share',
    async run(ask) {
      const all = [1, 2].map((count) => ask(`reader ${count}`, 'taken', { mode: 'shared' }, never));
      await pause(2);
      await Promise.all([...all, ask('thief', 'taken', { steal: true }, () => 'got it')]);
    },
    granted: 3,
  },
  {
    what: 'one that is only taken if it is there',
    async run(ask) {
      const ifAvailable = { ifAvailable: true };
      let giveBack = (_value: string) => {};
      const held = new Promise<string>((resolve) => {
        giveBack = resolve;
      });
      const first = ask('first', 'perhaps', () => held);
      await ask('null', 'perhaps', ifAvailable, (lock: unknown) => lock);
      await ask('null later', 'perhaps', ifAvailable, async (lock: unknown) => pause(1, lock));
      await ask('throws', 'perhaps', ifAvailable, () => {
        throw new RangeError('of its own');
      });
      await ask('rejects', 'perhaps', ifAvailable, () => Promise.reject(new RangeError('of its own')));
      giveBack('first');
      await first;
      await ask('there', 'perhaps', ifAvailable, (lock: { name: string; mode: string }) => lock.name + lock.mode);
    },
    granted: 2,
  },
  {
    what: 'one that is given up while it waits, and one before it',
    async run(ask) {
      const controller = new AbortController();
      const { signal } = controller;
      const first = ask('first', 'aborted', () => pause(5, 'first'));
      const second = ask('second', 'aborted', { signal }, () => 'second');
      await pause(1);
      controller.abort();
      await Promise.all([first, second, ask('third', 'aborted', { signal }, () => 'third')]);
    },
    granted: 1,
  },
  {
    what: 'arguments that are none',
    async run(ask) {
      await ask('no callback', 'bad');
      await ask('a number', 'bad', 5);
      await ask('a name that is not allowed', '-bad', () => {});
      await ask('a mode that is none', 'bad', { mode: 'both' }, () => {});
      await ask('both', 'bad', { steal: true, ifAvailable: true }, () => {});
      await ask('no options', 'bad', null, () => 'done');
      await ask('a name that is a number', 5, () => 'done');
    },
    granted: 1,
  },
];

async function outcomesOf({ run }: (typeof CASES)[number], locks: WebLocks): Promise<Outcomes> {
  const outcomes: Outcomes = [];
  const ask: Ask = (label, ...args) =>
    locks.request(...args).then(
      (value) => {
        outcomes.push(`${label}: ${String(value)}`);
      },
      (error: Error) => {
        outcomes.push(`${label}: ${error.name} ${error.message}`);
      },
    );
  await run(ask);
  return outcomes;
}

const { navigator = {} } = globalThis as { readonly navigator?: { readonly locks?: WebLocks } };

if ('locks' in navigator) {
  const { locks } = navigator;
  assert.ok(locks !== undefined);
  for (const one of CASES) {
    test(`${one.what}: the same with us, ${one.granted} handed over`, { timeout: 60_000 }, async (t) => {
      const without = await outcomesOf(one, locks);
      const { values } = setUp(t, { order: true });
      assert.deepEqual(await outcomesOf(one, locks), without);
      const all = Object.entries(values());
      const sumOf = (metric: string) =>
        all.reduce((sum, [key, value]) => (key.startsWith(`loopsight.lock.${metric}{`) ? sum + value : sum), 0);
      assert.deepEqual(
        ['wait.duration.count', 'hold.duration.count', 'waiters', 'longest_hold', 'deadlocks'].map(sumOf),
        [one.granted, one.granted, 0, 0, 0],
      );
    });
  }

  test('a lock keeps its name of a place while nobody has it, and few names are kept', async (t) => {
    const { values } = setUp(t);
    const one = () => locks.request('kept', () => {});
    const other = () => locks.request('kept', () => {});
    await one();
    await other();
    for (let count = 0; count < 500; count++) await locks.request(`user ${count}`, () => {});
    const counts = Object.entries(values()).flatMap(([key, value]) =>
      key.startsWith('loopsight.lock.wait.duration.count') && value > 0 ? [value] : [],
    );
    assert.deepEqual(counts, [2, 500]);
  });
}
