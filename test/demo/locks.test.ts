import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Locks } from '../../demo/locks.js';

/** Starts work under the lock `name`; it ends when told to. */
function hold(locks: Locks, name: string, log: string[], what: string) {
  let end: (error?: Error) => void = () => {};
  const work = () => {
    log.push(what);
    return new Promise<string>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve(what) : reject(error));
    });
  };
  return { held: locks.hold(name, work), end: (error?: Error) => end(error) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a lock has one holder at a time, in the order of their coming; others are free', async () => {
  const locks = new Locks('tests');
  const log: string[] = [];
  const first = hold(locks, 'a', log, 'first');
  const second = hold(locks, 'a', log, 'second');
  const third = hold(locks, 'a', log, 'third');
  const other = hold(locks, 'b', log, 'other');
  await turn();
  assert.deepEqual(log, ['first', 'other']);
  first.end();
  assert.equal(await first.held, 'first');
  await turn();
  assert.deepEqual(log, ['first', 'other', 'second']);
  second.end(new Error('failed'));
  await assert.rejects(second.held, { message: 'failed' });
  await turn();
  assert.deepEqual(log, ['first', 'other', 'second', 'third'], 'the one that failed let go as well');
  third.end();
  other.end();
  assert.equal(await third.held, 'third');
});
