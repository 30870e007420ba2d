// Who is told that the process exits: everybody who listens, once, by one wait for all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EXITING, FLAG } from '../../src/observer/heartbeat.js';
import { whenExiting } from '../../src/profiling/exit-word.js';

const newFlags = () => new Int32Array(new SharedArrayBuffer(24));

function say(flags: Int32Array, word: number): void {
  Atomics.store(flags, FLAG.exiting, word);
  Atomics.notify(flags, FLAG.exiting);
}

/** A wait is told of by a task of the platform. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

test('all are told once, but those who do not listen any more', async () => {
  const flags = newFlags();
  const told: string[] = [];
  whenExiting({ flags }, () => told.push('first'));
  whenExiting({ flags }, () => told.push('gone'))();
  whenExiting({ flags }, () => told.push('second'));
  say(flags, EXITING.perhaps);
  await turn();
  assert.equal(told.length, 0);
  say(flags, EXITING.yes);
  await until(() => told.length > 0);
  assert.deepEqual(told, ['first', 'second']);
  whenExiting({ flags }, () => told.push('late'));
  assert.deepEqual(told, ['first', 'second', 'late']);
  // It was none.
  say(flags, EXITING.no);
  await turn();
  whenExiting({ flags }, () => told.push('next'));
  say(flags, EXITING.yes);
  await until(() => told.length > 3);
  assert.deepEqual(told, ['first', 'second', 'late', 'next']);
});

test('however many have listened, nothing of them stays', (t) => {
  const flags = newFlags();
  const waits = t.mock.method(Atomics as unknown as { waitAsync(): unknown }, 'waitAsync');
  for (let round = 0; round < 100; round++) whenExiting({ flags }, () => {})();
  assert.equal(waits.mock.callCount(), 1);
});
