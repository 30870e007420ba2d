import assert from 'node:assert/strict';
import test from 'node:test';
import { EXACT_MARKS, MOST_MARKS, TaskLine } from '../../instrumentations/queues/task-line.js';

test('tasks leave from anywhere, and the oldest of the rest is first', () => {
  const line = new TaskLine();
  const [a, b, c, d] = [1, 2, 3, 4].map((ms) => line.join(ms));
  assert.ok(a && b && c && d);
  assert.equal(line.leave(b), true);
  assert.equal(line.oldestMs, 1);
  assert.equal(line.leave(a), true);
  assert.equal(line.oldestMs, 3);
  assert.equal(line.leave(d), true);
  assert.equal(line.shift(), 3);
  assert.deepEqual([line.size, line.marks, line.oldestMs, line.shift()], [0, 0, Number.NaN, Number.NaN]);
  for (const mark of [a, b, c, d]) assert.equal(line.leave(mark), false);
  assert.equal(line.size, 0);
});

test('a mark that left does not keep its neighbours in memory', () => {
  const line = new TaskLine();
  line.join(1);
  const middle = line.join(2);
  line.join(3);
  line.leave(middle);
  assert.deepEqual([middle.previous, middle.next], [undefined, undefined]);
});

for (const { what, atMs } of [
  { what: 'in one burst', atMs: () => 5 },
  { what: 'evenly', atMs: (index: number) => index * 0.7 },
  { what: 'at a falling rate', atMs: (index: number) => index ** 1.5 },
]) {
  test(`a million tasks that come ${what}: exact size, bounded marks, ages right within the bound`, () => {
    const line = new TaskLine();
    const count = 1_000_000;
    for (let index = 0; index < count; index++) line.join(atMs(index));
    assert.equal(line.size, count);
    assert.ok(line.marks <= MOST_MARKS, `${line.marks}`);
    const span = atMs(count - 1) - atMs(0);
    for (let index = 0; index < count; index++) {
      const error = Math.abs(line.shift() - atMs(index));
      if (error > span / EXACT_MARKS) assert.fail(`task ${index} is off by ${error} of ${span} ms`);
    }
    assert.deepEqual([line.size, line.marks], [0, 0]);
  });
}

test('every task has its own mark up to the exact bound', () => {
  const line = new TaskLine();
  for (let index = 0; index < EXACT_MARKS; index++) line.join(5);
  assert.equal(line.marks, EXACT_MARKS);
  line.join(5);
  assert.deepEqual([line.marks, line.size], [EXACT_MARKS, EXACT_MARKS + 1]);
});

test('the number of marks has a hard bound', () => {
  const line = new TaskLine();
  // Every gap is as long as the whole line before it, so that only the hard bound makes tasks share a mark.
  for (let index = 0, ms = 1; index < MOST_MARKS + 1000; index++, ms *= 1.001) line.join(ms);
  assert.equal(line.marks, MOST_MARKS);
  assert.equal(line.size, MOST_MARKS + 1000);
});
