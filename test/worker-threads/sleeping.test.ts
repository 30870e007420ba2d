// A worker that sleeps is woken as often as its stalls ask for, and no more for the probes of its lag.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setEnvironmentData, Worker } from 'node:worker_threads';
import { LATENCY_BOUNDS_S } from '../../src/metric-names.js';
import { LOOP } from '../../src/stalls/loop/loop-record.js';
import { BEAT, BOARD_KEY, createBoard, findSlot, slotFloats } from '../../src/worker-board/memory.js';
import { registerCjs } from '../support/instrumented.js';

test('an idle worker is woken for fewer turns than probes, and counts them all the same', async (t) => {
  const board = createBoard({ lagProbeIntervalMs: 20, stallThresholdMs: 100, capture: false, wrapCalls: false });
  setEnvironmentData(BOARD_KEY, board.buffer);
  // It says so itself when it runs: it is `online` before it has loaded what it requires.
  const program = 'setInterval(() => {}, 60_000); require("node:worker_threads").parentPort.postMessage("runs")';
  const worker = new Worker(program, { eval: true, execArgv: ['--require', registerCjs] });
  t.after(() => worker.terminate());
  setEnvironmentData(BOARD_KEY, undefined);
  const { threadId } = worker;
  await once(worker, 'message');

  function read() {
    const from = slotFloats(findSlot(board, threadId) ?? assert.fail('no place on the board'));
    const buckets = board.floats.subarray(from + BEAT.counted, from + BEAT.counted + LATENCY_BOUNDS_S.length + 1);
    const at = (field: number) => board.floats[from + field] ?? 0;
    return {
      probes: buckets.reduce((sum, count) => sum + count, 0),
      turns: at(LOOP.turns),
      isSleeping: at(LOOP.sleeping) === 1,
      lastTurnMs: at(LOOP.lastTurn),
      dueMs: at(LOOP.nextDue),
    };
  }

  // On a machine with much to do a loop is late now and then, which is work: until one stretch was without.
  for (const deadline = Date.now() + 60_000; ; ) {
    const before = read();
    for (let now = read(); before.isSleeping && now.isSleeping && now.probes < before.probes + 50; now = read()) {
      await sleep(20);
    }
    const { isSleeping, probes, turns, lastTurnMs, dueMs } = read();
    // 50 in a second, against 10 turns.
    if (before.isSleeping && isSleeping && turns - before.turns < (probes - before.probes) / 2) {
      assert.equal(Math.round(dueMs - lastTurnMs), 100);
      return;
    }
    assert.ok(Date.now() < deadline, JSON.stringify({ before, now: read() }));
    await sleep(20);
  }
});
