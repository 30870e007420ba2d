import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atExit } from '../../src/attach/at-exit.js';

test('any number of deeds take one listener, and none where there are none', () => {
  const before = process.listeners('exit');
  const done: number[] = [];
  const undo = Array.from({ length: 20 }, (_, index) => atExit(() => void done.push(index)));
  const [listener, ...others] = process.listeners('exit').filter((each) => !before.includes(each));
  assert.equal(others.length, 0);
  for (const index of [3, 3, 5]) undo[index]?.();
  listener?.(0);
  assert.deepEqual(
    done,
    Array.from({ length: 20 }, (_, index) => index).filter((index) => index !== 3 && index !== 5),
  );
  for (const each of undo) each();
  assert.deepEqual(process.listeners('exit'), before);
});
