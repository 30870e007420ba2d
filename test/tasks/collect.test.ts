// Taking the tasks: what is asked of the main thread first, and what is said where it cannot be asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAD, HEAD_NUMBER, openLiveMemory, STATE } from '../../src/live-calls/live-memory.js';
import { createTaskReader } from '../../src/tasks/collect.js';

function create(blockedMs: number, monotonicMs = () => 5000) {
  const memory = openLiveMemory();
  const clock = { monotonicMs, unixMs: () => 1000 };
  const read = createTaskReader({
    clock,
    memory,
    pid: 4711,
    root: '',
    mapped: (frame) => frame,
    isSleeping: () => true,
    sleepsForMs: 100,
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
  // A loop that sleeps may see it a tenth of a second later.
  assert.ok((memory.headNumbers[HEAD_NUMBER.whereUntil] ?? 0) >= 6100);
  assert.equal((await reading).noPlaces, undefined);
});

test('has it noted once for all that ask meanwhile, and again when what was measured for it has ended', async () => {
  const { memory, read } = create(0, () => performance.now());
  const { headNumbers } = memory;
  memory.head[HEAD.notesPlaces] = 1;
  headNumbers[HEAD_NUMBER.idleAt] = Number.POSITIVE_INFINITY;
  const wantedUntilMs = () => headNumbers[HEAD_NUMBER.whereUntil] ?? 0;
  const first = read(true);
  const firstUntilMs = wantedUntilMs();
  const second = read(true);
  await Promise.all([first, second]);
  assert.ok(firstUntilMs > 0);
  assert.equal(wantedUntilMs(), firstUntilMs);
  assert.equal((await read(true)).noPlaces, undefined);
  assert.ok(wantedUntilMs() - firstUntilMs >= 2000, `asked again ${wantedUntilMs() - firstUntilMs} ms later`);
});

test('counts from the last turn on how long the loop has not turned', async () => {
  const { memory, read } = create(300);
  memory.headNumbers[HEAD_NUMBER.idleAt] = 4200;
  assert.equal((await read()).blockedMs, 800);
});

for (const [title, blockedMs, idleMs, othersMs] of [
  ['counts as idle what a loop has slept since its last turn', 0, 100, 0],
  ['counts as busy with others what a loop is held', 60, 20, 80],
] as const) {
  test(title, async () => {
    const { memory, read } = create(blockedMs);
    const { ints, numbers, headNumbers } = memory;
    headNumbers.set([520, 4920]);
    ints.set([1024, 0, -1, 0, STATE.measuredWaiting]);
    // It began, and waits, since 4900, when the loop had slept for 500.
    numbers.set([4900, 0, 4900, 500]);
    const [task] = (await read()).tasks;
    assert.deepEqual([task?.ageMs, task?.ownMs, task?.idleMs, task?.othersMs], [100, 0, idleMs, othersMs]);
  });
}

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
