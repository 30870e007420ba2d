// watchShared: what is told of as a lost update and what is not, and objects that are used as they are without it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type LostUpdate, watchShared } from '../../instrumentations/locks/index.js';
import { libraries } from './set-up.js';

const { Mutex } = libraries('async-mutex');

interface Row {
  count: number;
}

const CASES: readonly { readonly what: string; readonly run: (row: Row) => Promise<unknown>; readonly told: number }[] =
  [
    {
      what: 'a read and a write in functions of their own',
      run: (row) => {
        const read = async () => {
          await pause(5);
          return row.count;
        };
        const write = async (count: number) => {
          await pause(5);
          row.count = count;
        };
        const add = async (count: number) => write((await read()) + count);
        return Promise.all([add(1), add(2)]);
      },
      told: 1,
    },
    {
      what: 'a value that was read once and given to both',
      run: async (row) => {
        const add = async (count: number) => {
          await pause(1);
          row.count = count + 1;
        };
        const { count } = row;
        await Promise.all([add(count), add(count)]);
      },
      told: 1,
    },
    {
      what: 'a check whether it is there',
      run: (row: { count?: number }) => {
        const init = async () => {
          if ('count' in row) return;
          await pause(1);
          row.count = 1;
        };
        delete row.count;
        return Promise.all([init(), init()]);
      },
      told: 1,
    },
    {
      what: 'flows under one lock',
      run: (row) => {
        const lock = new Mutex();
        const add = () =>
          lock.runExclusive(async () => {
            const { count } = row;
            await pause(1);
            row.count = count + 1;
          });
        return Promise.all([add(), add(), add()]);
      },
      told: 0,
    },
    {
      what: 'timers that write and were made by who had read',
      run: async (row) => {
        const ends: Promise<void>[] = [];
        function begin() {
          assert.equal(row.count, 0);
          for (const ms of [1, 5]) {
            ends.push(
              new Promise((resolve) => {
                setTimeout(function tick() {
                  row.count = ms;
                  resolve();
                }, ms);
              }),
            );
          }
        }
        begin();
        await Promise.all(ends);
      },
      told: 0,
    },
    {
      what: 'who reads again before writing',
      run: (row) => {
        const add = async () => {
          void row.count;
          await pause(1);
          row.count += 1;
        };
        return Promise.all([add(), add()]);
      },
      told: 0,
    },
    {
      what: 'one flow that writes several times',
      run: async (row) => {
        const { count } = row;
        for (let more = 1; more < 4; more++) {
          await pause(1);
          row.count = count + more;
        }
      },
      told: 0,
    },
  ];

for (const { what, run, told } of CASES) {
  test(`${what}: ${told} told`, async () => {
    const updates: LostUpdate[] = [];
    const row = watchShared<Row>({ count: 0 }, 'row', { onLostUpdate: (update) => updates.push(update) });
    await run(row);
    assert.equal(updates.length, told, JSON.stringify(updates));
    for (const { object, property } of updates)
      assert.deepEqual({ object, property }, { object: 'row', property: 'count' });
  });
}

class Account {
  #secret = 1;
  balance = 0;
  get doubled() {
    return this.#secret * 2;
  }
  deposit(amount: number): this {
    this.balance += amount * this.#double(amount > 0);
    return this;
  }
  #double(isOn: boolean) {
    return isOn ? this.#secret : 0;
  }
}

test('a class with private members works as it did', () => {
  const account = watchShared(new Account(), 'account');
  assert.equal(account.doubled, 2);
  assert.equal(account.deposit(5), account);
  assert.equal(account.balance, 5);
  assert.equal(account.deposit, account.deposit);
  assert.ok(account instanceof Account);
  assert.equal(account.constructor, Account);
  assert.deepEqual(Object.keys(account), ['balance']);
  assert.equal(JSON.stringify(account), '{"balance":5}');
});

test('built-in objects work as they did', () => {
  const map = watchShared(new Map([['a', 1]]), 'map');
  assert.equal(map.set('b', 2), map);
  assert.deepEqual([map.get('a'), map.size, [...map.keys()]], [1, 2, ['a', 'b']]);
  assert.equal(watchShared(new Set([1]), 'set').has(1), true);
  assert.equal(watchShared(new Date(5), 'date').getTime(), 5);
  assert.equal(watchShared(new Uint8Array([1, 2]), 'bytes').length, 2);
  const list = watchShared([3, 1, 2], 'list');
  list.push(4);
  assert.deepEqual([Array.isArray(list), list.sort().join(), list.length], [true, '1,2,3,4', 4]);
});

test('frozen objects, getters and objects that inherit work as they did', () => {
  const frozen = watchShared(Object.freeze({ a: 1, run() {} }), 'frozen');
  assert.throws(() => {
    (frozen as { a: number }).a = 2;
  }, TypeError);
  assert.equal(typeof frozen.run, 'function');
  const base = watchShared({ a: 1, twice: 0 }, 'base');
  Object.defineProperty(base, 'twice', { get: () => base.a * 2, configurable: true });
  assert.equal(base.twice, 2);
  const child = Object.create(base) as typeof base;
  child.a = 7;
  assert.deepEqual([child.a, base.a], [7, 1]);
  assert.ok(delete (base as { a?: number }).a);
  assert.ok(!('a' in base));
});
