// Taking the tasks: what is asked of the main thread first, and what is said where it cannot be asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD, HEAD_NUMBER, openLiveMemory } from '../../src/live-calls/live-memory.js';
import { createTaskReader } from '../../src/tasks/collect.js';

function create(blockedMs: number) {
  const memory = openLiveMemory();
  const clock = { monotonicMs: () => 5000, unixMs: () => 1000 };
  const read = createTaskReader({
    clock,
    memory,
    pid: 4711,
    root: '',
    mapped: (frame) => frame,
    blockedMs: () => blockedMs,
  });
  return { memory, read };
}

test('asks nothing of the main thread by itself', async () => {
  const { memory, read } = create(Number.NaN);
  const tasks = await read();
  assert.deepEqual(tasks, { pid: 4711, unixMs: 1000, blockedMs: 0, tasks: [], hidden: 0, isOn: false });
  assert.equal(memory.headNumbers[HEAD_NUMBER.whereUntil], 0);
});

test('has it noted for a second where calls wait', async () => {
  const { memory, read } = create(0);
  memory.head[HEAD.notesPlaces] = 1;
  const reading = read(true);
  memory.headNumbers[HEAD_NUMBER.idleAt] = 5001;
  assert.ok((memory.headNumbers[HEAD_NUMBER.whereUntil] ?? 0) >= 6000);
  assert.equal((await reading).noPlaces, undefined);
});

test('says so where the loop has not turned meanwhile', async () => {
  const { memory, read } = create(300);
  memory.head[HEAD.notesPlaces] = 1;
  assert.equal((await read(true)).noPlaces, 'held');
});

for (const [title, notes, blockedMs, noPlaces] of [
  ['nobody notes it', 0, 0, 'off'],
  ['the loop is held', 1, 800, 'held'],
] as const) {
  test(`says so where ${title}, at once`, async () => {
    const { memory, read } = create(blockedMs);
    memory.head[HEAD.notesPlaces] = notes;
    const tasks = await read(true);
    assert.deepEqual([tasks.noPlaces, tasks.blockedMs], [noPlaces, blockedMs]);
    assert.equal(memory.headNumbers[HEAD_NUMBER.whereUntil], 0);
  });
}
