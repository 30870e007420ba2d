// Promises, their subclasses, and thenables that may be lazy.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { traced } from '../../src/traced.js';
import { startHarness } from './harness.js';

const harness = startHarness();
after(() => harness.stop());

test('a lazy thenable comes back untouched: not subscribed to, not started', async () => {
  let reads = 0;
  let starts = 0;
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: that is what a lazy query has.
    get then() {
      reads++;
      return (resolve: (value: string) => void) => {
        starts++;
        resolve('rows');
      };
    },
  };
  const find = traced('lazy', () => query);
  const found = find();
  await new Promise(setImmediate);
  assert.equal(found, query);
  assert.deepEqual([reads, starts], [0, 0]);
  assert.equal(await found, 'rows');
  assert.deepEqual([reads, starts], [1, 1]);
  assert.equal(harness.count('lazy'), 1);
});

test('a lazy subclass of Promise comes back untouched', async () => {
  let starts = 0;
  class Lazy<T> extends Promise<T> {
    #work: (() => Promise<T>) | undefined;
    static of<T>(work: () => Promise<T>): Lazy<T> {
      const lazy = new Lazy<T>(() => {});
      lazy.#work = work;
      return lazy;
    }
    // biome-ignore lint/suspicious/noThenProperty: a lazy promise starts here.
    override then<A = T, B = never>(
      ok?: ((value: T) => A | PromiseLike<A>) | null,
      no?: ((reason: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      starts++;
      return (this.#work?.() ?? Promise.reject(new Error('no work'))).then(ok, no);
    }
  }
  const lazy = Lazy.of(async () => 'done');
  const run = traced('lazy subclass', () => lazy);
  assert.equal(run(), lazy);
  await new Promise(setImmediate);
  assert.equal(starts, 0);
  assert.equal(await lazy, 'done');
  assert.equal(starts, 1);
});

class Cancelable<T> extends Promise<T> {
  static created = 0;
  constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
    super(executor);
    Cancelable.created++;
  }
  cancel(): string {
    return 'cancelled';
  }
}

test('an instance of a subclass is the same object, and nothing of its class runs', async () => {
  const inner = new Cancelable<string>((resolve) => setImmediate(resolve, 'value'));
  const created = Cancelable.created;
  const result = traced('subclass', () => inner)();
  assert.equal(result, inner);
  assert.equal(Cancelable.created, created);
  assert.equal(result.constructor, Cancelable);
  assert.equal(result.cancel(), 'cancelled');
  assert.equal(harness.active('subclass'), 1);
  assert.equal(await result, 'value');
  assert.equal(harness.active('subclass'), 0);
  assert.deepEqual(Object.getOwnPropertyNames(result), []);
  await assert.rejects(traced('subclass', () => Cancelable.reject(new RangeError('no')))(), RangeError);
  assert.equal(harness.count('subclass', 'RangeError'), 1);
  assert.equal(await traced('subclass', () => Cancelable.resolve(1))().finally(() => {}), 1);
});

test('a frozen instance of a subclass is left alone', async () => {
  const frozen = Object.freeze(Cancelable.resolve('cold'));
  assert.equal(traced('frozen promise', () => frozen)(), frozen);
  assert.equal(await frozen, 'cold');
});

test('own properties of a promise come along', async () => {
  const promise = Object.assign(Promise.resolve(1), { child: { pid: 7 } });
  const result = traced('with child', () => promise)();
  assert.equal(result.child, promise.child);
  assert.equal(await result, 1);
});

test('a promise costs its caller one microtask at most', async () => {
  const ticksOf = async (fn: () => Promise<unknown>) => {
    let settled = false;
    void fn().then(() => {
      settled = true;
    });
    for (let ticks = 0; ; ticks++) {
      if (settled) return ticks;
      await null;
    }
  };
  const fn = async () => 1;
  assert.ok((await ticksOf(traced('ticks', fn))) <= (await ticksOf(fn)) + 1);
});

// The process's own events, so a process of its own: with and without tracing, the same lines.
test('unhandled rejections are what they are without us', () => {
  const fixture = join(import.meta.dirname, 'fixtures', 'rejections.ts');
  const run = (mode: string) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--import', 'tsx', fixture, mode], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.ok(stdout.endsWith('end\n'), stderr);
    return stdout.split('\n');
  };
  assert.deepEqual(run('traced'), run('alone'));
});
