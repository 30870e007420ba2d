// A thread that ends while it is held writes nothing of it any more: the observer tells what it saw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StallEvidence } from '../../src/stalls/blame/evidence.js';
import { LOOP, LOOP_LENGTH } from '../../src/stalls/loop/loop-record.js';
import { createThreadWatch } from '../../src/stalls/watch/thread-watch.js';

/** A loop that turned at 1000 ms, would have at 1075, and is looked at every 20 ms until it ends; it may turn before that. */
function endAt(endMs: number, turnMs = Number.POSITIVE_INFINITY): StallEvidence[] {
  const record = new Float64Array(LOOP_LENGTH);
  record[LOOP.lastTurn] = 1000;
  record[LOOP.nextDue] = 1075;
  record[LOOP.turns] = 9;
  const told: StallEvidence[] = [];
  const watch = createThreadWatch({
    record,
    thresholdMs: 100,
    capture: undefined,
    watchScheduler: () => ({ sample: () => undefined }),
    gapMs: () => 0,
    now: () => endMs,
    hasDebugger: () => false,
    onStall: (evidence) => told.push(evidence),
  });
  for (let nowMs = 1000; nowMs <= endMs; nowMs += 20) {
    if (nowMs >= turnMs) {
      record[LOOP.lastTurn] = turnMs;
      record[LOOP.nextDue] = turnMs + 75;
      record[LOOP.turns] = 10;
    }
    watch.look(nowMs);
  }
  // Its place in the memory may be another thread's by then.
  record.fill(0);
  watch.end(endMs);
  watch.stop();
  watch.end(endMs + 500);
  return told;
}

test('a stall that a thread ends in is told of once, from when the loop should have turned', () => {
  const told = endAt(1400);
  assert.deepEqual(
    told.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [[1075, 1400]],
  );
});

test('a stall whose thread ends between its turn and its word of it is told of once, with its end', () => {
  const told = endAt(1420, 1400);
  assert.deepEqual(
    told.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [[1075, 1400]],
  );
});

test('a thread that ends in time, or hardly late, has not stalled', () => {
  assert.deepEqual(endAt(1060), []);
  assert.deepEqual(endAt(1150), []);
});
