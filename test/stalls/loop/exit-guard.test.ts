// What the exit guard says to the observer: signals to others in the middle of an exit do not take it back.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { EXITING, FLAG } from '../../../src/observer/heartbeat.js';
import { type ExitGuard, guardExits } from '../../../src/stalls/loop/exit-guard.js';

describe('a signal', () => {
  const flags = new Int32Array(new SharedArrayBuffer(24));
  const said = () => Atomics.load(flags, FLAG.exiting);
  let guard: ExitGuard;
  beforeEach(() => {
    Atomics.store(flags, FLAG.exiting, EXITING.no);
    guard = guardExits(flags);
  });
  afterEach(() => guard.stop());

  test('that is sent while the program goes on leaves nothing behind', () => {
    process.kill(process.pid, 0);
    assert.equal(said(), EXITING.no);
  });

  test('to a child in a listener of the exit leaves the word that the process exits', () => {
    Atomics.store(flags, FLAG.exiting, EXITING.yes);
    process.kill(process.pid, 0);
    assert.equal(said(), EXITING.yes);
    // It was none, after all.
    guard.turned();
    assert.equal(said(), EXITING.no);
  });
});
