import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTED } from '../../src/worker-board/counted.js';
import {
  announceThread,
  BEAT,
  type Board,
  claimSlot,
  createBoard,
  ENDED,
  findSlot,
  markEnded,
  NAME_COUNT,
  openBoard,
  SLOT,
  SLOT_COUNT,
  slotFloats,
  slotInts,
} from '../../src/worker-board/memory.js';
import { foldEnded, readBoard } from '../../src/worker-board/totals.js';

// What a thread does at a turn: `waits` arrivals of 0 s and a heartbeat that is due at `dueMs`.
function beat(board: Board, threadId: number, waits: number, dueMs: number): void {
  const slot = claimSlot(board, threadId);
  assert.ok(slot !== undefined);
  const from = slotFloats(slot);
  board.floats[from + BEAT.counted] = (board.floats[from + BEAT.counted] ?? 0) + waits;
  board.floats[from + BEAT.lastTurn] = 1;
  board.floats[from + BEAT.nextDue] = dueMs;
}

function read(board: Board, nowMs = 1000): Record<string, { count: number; blockedMs: number }> {
  const threads = readBoard(board, nowMs) ?? assert.fail('nobody folds');
  return Object.fromEntries(
    [...threads].map(([name, { counted, blockedMs }]) => [name, { count: counted[COUNTED.lag] ?? 0, blockedMs }]),
  );
}

test('threads of one name add up, the longest block counts, and the ended stay in the sum alone', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  const other = openBoard(board.buffer) ?? assert.fail('the same layout');
  for (const [id, dueMs] of [
    [1, 1010],
    [2, 400],
    [3, 700],
  ] as const) {
    announceThread(board, id, 'pool', 0);
    beat(other, id, id, dueMs);
  }
  assert.deepEqual(read(board), { pool: { count: 6, blockedMs: 600 } });
  markEnded(board, 2);
  assert.deepEqual(read(board), { pool: { count: 6, blockedMs: 300 } });
  foldEnded(board);
  assert.deepEqual(read(other), { pool: { count: 6, blockedMs: 300 } });
  for (const id of [1, 3]) markEnded(board, id);
  foldEnded(board);
  assert.deepEqual(read(board), { pool: { count: 6, blockedMs: Number.NaN } });
});

test('a thread is shown once its parent vouches for it, with all that it counted', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  beat(board, 7, 3, 1000);
  assert.deepEqual(read(board), {});
  announceThread(board, 7, 'späť 🚀', 0);
  assert.deepEqual(read(board), { 'späť 🚀': { count: 3, blockedMs: 0 } });
  announceThread(board, -1, 'has ended', 0);
  assert.equal(findSlot(board, -1), undefined);
});

test('an announced thread that never beats is not shown', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  announceThread(board, 1, 'quiet', 0);
  assert.deepEqual(read(board), {});
  markEnded(board, 1);
  foldEnded(board);
  assert.deepEqual(read(board), {});
});

test('a thread ends with its parent and with its parent’s parent, also with one that had no room', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  announceThread(board, 1, 'outer', 0);
  announceThread(board, 2, 'middle', 1);
  announceThread(board, 3, 'inner', 2);
  announceThread(board, 4, 'of another', 99);
  for (const id of [1, 2, 3, 4]) beat(board, id, 1, 1000);
  markEnded(board, 1);
  foldEnded(board);
  for (const id of [1, 2, 3]) assert.equal(findSlot(board, id), undefined, `${id}`);
  assert.notEqual(findSlot(board, 4), undefined);
  markEnded(board, 99);
  foldEnded(board);
  assert.equal(findSlot(board, 4), undefined);
  assert.equal(Object.keys(read(board)).length, 4);
});

test('places run out and come back empty', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  for (let id = 1; id <= SLOT_COUNT; id++) beat(board, id, 1, 1000);
  assert.equal(claimSlot(board, 1000), undefined);
  announceThread(board, 1000, 'no room', 0);
  markEnded(board, 5);
  foldEnded(board);
  const slot = claimSlot(board, 1000) ?? assert.fail('5 has gone');
  assert.ok(
    board.floats
      .subarray(slotFloats(slot))
      .slice(0, BEAT.marks)
      .every((value) => value === 0),
  );
  assert.equal(claimSlot(board, 1000), slot);
});

test('a thread that nobody vouches for gives its place back when it says itself that it ends', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  const slot = claimSlot(board, 1) ?? assert.fail('the first one');
  foldEnded(board);
  assert.equal(findSlot(board, 1), slot);
  Atomics.store(board.ints, slotInts(slot) + SLOT.ended, ENDED.itself);
  foldEnded(board);
  assert.equal(findSlot(board, 1), undefined);
});

test('names beyond the limit are `other`', () => {
  const board = createBoard({ lagProbeIntervalMs: 50, stallThresholdMs: 100, capture: false, wrapCalls: false });
  for (let id = 1; id <= NAME_COUNT + 1; id++) {
    announceThread(board, id, `name ${id}`, 0);
    beat(board, id, 1, 1000);
  }
  const names = read(board);
  assert.equal(Object.keys(names).length, NAME_COUNT);
  assert.equal(names.other?.count, 2);
});

test('a board of another layout is not opened', () => {
  for (const buffer of [undefined, 'x', new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
    assert.equal(openBoard(buffer), undefined);
  }
});
