// The loop's own part: what each turn writes into the record, on a clock that the test moves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import {
  LOOP,
  LOOP_LENGTH,
  overdueMs,
  STALL,
  STALLS_KEPT,
  stallAt,
  waitedMs,
} from '../../../src/stalls/loop/loop-record.js';
import { createTurnWatch, type TurnWatchOptions, turnEveryMs } from '../../../src/stalls/loop/turn-watch.js';

function watchTurns(options: Partial<TurnWatchOptions> = {}) {
  const record = new Float64Array(LOOP_LENGTH);
  const watch = createTurnWatch({ record, thresholdMs: 100, ...options });
  const turn = (atMs: number) => watch.turn(atMs, atMs + turnEveryMs(100));
  return { record, watch, turn, stalls: () => record[LOOP.stalls] };
}

/** The loop writes of a stall when the work that had piled up has begun. */
async function untilWritten(): Promise<void> {
  for (let iteration = 0; iteration < 10; iteration++) await turnOfTheLoop();
}

test('each turn says when it was, and when the next is due', () => {
  const { record, turn } = watchTurns();
  turn(1000);
  assert.deepEqual([record[LOOP.lastTurn], record[LOOP.nextDue], record[LOOP.turns]], [1000, 1075, 1]);
  turn(1075);
  assert.deepEqual([record[LOOP.lastTurn], record[LOOP.nextDue], record[LOOP.turns]], [1075, 1150, 2]);
});

test('each turn says whether the loop sleeps', () => {
  const { record, watch, turn } = watchTurns();
  watch.turn(1000, 1090, true);
  assert.equal(record[LOOP.sleeping], 1);
  turn(1090);
  assert.equal(record[LOOP.sleeping], 0);
});

describe('a thread that leaves its loop to wait for its next task', () => {
  function leaveAfter(...turns: readonly number[]) {
    const loop = watchTurns();
    for (const atMs of turns) loop.turn(atMs);
    return loop;
  }

  test('is as one that sleeps, for however long', async () => {
    const { record, watch, stalls } = leaveAfter(1000, 1075, 1150);
    watch.leave(1200);
    assert.deepEqual([record[LOOP.waiting], record[LOOP.sleeping]], [1200, 1]);
    assert.equal(overdueMs(record, 90_000), 0);
    assert.equal(waitedMs(record, 1700), 500);
    watch.back(61_200, 61_275);
    assert.deepEqual([record[LOOP.waiting], record[LOOP.sleeping]], [0, 0]);
    assert.equal(overdueMs(record, 61_400), 125);
    watch.turn(61_250, 61_325);
    await untilWritten();
    assert.equal(stalls(), 0);
    watch.leave(61_300);
    watch.back(61_400, 61_475);
    assert.equal(waitedMs(record, 99_000), 60_100);
  });

  test('has had a stall where its task took long, and says so at once', () => {
    const { record, watch, stalls } = leaveAfter(1000, 1075, 1150);
    watch.leave(1200);
    watch.back(5000, 5075);
    watch.leave(5400);
    assert.equal(stalls(), 1);
    const entry = record.subarray(stallAt(0));
    assert.deepEqual([entry[STALL.from], entry[STALL.to]], [5000, 5400]);
  });
});

describe('a stretch between two turns', () => {
  const CASES: Readonly<Record<string, { readonly turns: readonly number[]; readonly expected: number }>> = {
    'that is short is no stall': { turns: [1000, 1075, 1150, 1225], expected: 0 },
    'of the threshold is none': { turns: [1000, 1075, 1150, 1250], expected: 0 },
    'that is longer is one': { turns: [1000, 1075, 1150, 1300], expected: 1 },
    'before the second turn is the start of the program': { turns: [1000, 2000], expected: 0 },
    'after it is not': { turns: [1000, 2000, 3000], expected: 1 },
    'that goes back in time is none': { turns: [1000, 1075, 1150, 900], expected: 0 },
  };
  for (const [what, { turns, expected }] of Object.entries(CASES)) {
    test(what, async () => {
      const { turn, stalls } = watchTurns();
      for (const atMs of turns) turn(atMs);
      assert.equal(stalls(), 0, 'the word of it comes later');
      await untilWritten();
      assert.equal(stalls(), expected);
    });
  }
});

test('a stall is told of at once, and written with what the thread knows of it', async () => {
  const held: number[][] = [];
  const completed: number[][] = [];
  const { record, turn } = watchTurns({
    onHeld: (...times) => held.push(times),
    complete(entry, fromMs, toMs) {
      completed.push([fromMs, toMs]);
      entry[STALL.gc] = 7;
    },
  });
  for (const atMs of [1000, 1075, 1150, 1550]) turn(atMs);
  const [[fromMs = 0, toMs] = []] = held;
  assert.ok(fromMs >= 1150 && fromMs < 1200, `from ${fromMs}`);
  assert.equal(toMs, 1550);
  await untilWritten();
  assert.deepEqual(completed, [[fromMs, 1550]]);
  const entry = record.subarray(stallAt(0));
  assert.deepEqual([entry[STALL.from], entry[STALL.to], entry[STALL.gc], entry[STALL.waiting]], [fromMs, 1550, 7, 0]);
});

test('the record keeps the last stalls, in a ring', async () => {
  const { record, turn, stalls } = watchTurns();
  turn(0);
  turn(75);
  for (let index = 1; index <= STALLS_KEPT + 1; index++) turn(75 + index * 200);
  await untilWritten();
  assert.equal(stalls(), STALLS_KEPT + 1);
  assert.equal(record[stallAt(STALLS_KEPT) + STALL.to], 75 + (STALLS_KEPT + 1) * 200);
  assert.equal(stallAt(STALLS_KEPT), stallAt(0));
});

test('a stall that lasts has a length as soon as it is one', () => {
  const { watch, turn } = watchTurns();
  for (const atMs of [1000, 1075, 1150]) turn(atMs);
  assert.deepEqual([watch.heldMs(1200), watch.heldMs(1249)], [0, 0]);
  assert.ok(watch.heldMs(1500) > 250);
});

test('a debugger is looked for at each turn', () => {
  let isAttached = false;
  const { record, turn } = watchTurns({ hasDebugger: () => isAttached });
  for (const atMs of [1000, 1075, 1150]) turn(atMs);
  assert.equal(record[LOOP.debugger], 0);
  isAttached = true;
  turn(1225);
  assert.equal(record[LOOP.debugger], 1);
});

test('after it is stopped nothing is written of a stall', async () => {
  const { watch, turn, stalls } = watchTurns();
  for (const atMs of [1000, 1075, 1150, 1550]) turn(atMs);
  watch.stop();
  await untilWritten();
  assert.equal(stalls(), 0);
  assert.equal(watch.heldMs(9000), 0);
});
