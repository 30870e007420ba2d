// A worker's own loop: lag probes, turns, and waits for tasks outside of it, written to the worker's slot of the board.
import { threadId } from 'node:worker_threads';
import { systemClock } from '../../src/clock.js';
import { lostSleep } from '../../src/lost-sleep.js';
import { createRearmedTimer } from '../../src/rearmed-timer.js';
import { field, LOOP, TURNS_BEFORE_WATCH } from '../../src/stalls/loop/loop-record.js';
import { startLoopSide } from '../../src/stalls/loop/loop-side.js';
import { createSampledSleep } from '../../src/stalls/loop/sampled-sleep.js';
import { sleepingTurnEveryMs, turnEveryMs } from '../../src/stalls/loop/turn-watch.js';
import { COUNTED, countDuration } from '../../src/worker-board/counted.js';
import { BEAT, type Board, ENDED, HEAD, SLOT, slotFloats, slotInts } from '../../src/worker-board/memory.js';
import { wrapCallsInWorker } from '../blocking-calls/in-worker.js';
import type { CallWrapping } from '../blocking-calls/wrapping.js';
import { createLagProbes } from '../event-loop/lag-probes.js';
import { createProbeTurns } from '../event-loop/probe-turns.js';
import { createTimerGrid } from '../event-loop/timer-grid.js';
import { createOwnFigures } from './own-figures.js';
import { watchParentMessages } from './parent-messages.js';
import { watchTaskWaits } from './task-waits.js';

/** A loop that has not turned for longer may never turn again, in milliseconds. */
const NOT_TURNING_MS = 1000;

/** Starts writing to `slot`; nothing of it keeps the thread alive. */
export function watchOwnLoop(board: Board, slot: number): void {
  const { ints, floats, lagProbeIntervalMs, stallThresholdMs } = board;
  const own = slotInts(slot);
  const numbers = floats.subarray(slotFloats(slot));
  const counted = numbers.subarray(BEAT.counted);
  const probes = createLagProbes({
    meanMs: lagProbeIntervalMs,
    random: Math.random,
    record: (waitMs) => countDuration(counted, COUNTED.lag, waitMs / 1000),
  });
  const loopTurnsEveryMs = turnEveryMs(stallThresholdMs);
  const turns = createProbeTurns({
    probes,
    turnEveryMs: loopTurnsEveryMs,
    sleepingTurnEveryMs: sleepingTurnEveryMs(stallThresholdMs),
  });
  const grid = createTimerGrid();
  const loopSide = startLoopSide({
    record: numbers,
    thresholdMs: stallThresholdMs,
    capture: Atomics.load(ints, HEAD.capture) !== 0,
    sampledSleep: createSampledSleep({ isSampled: () => Atomics.load(ints, HEAD.sampling) > 0 }),
  });
  const figures = createOwnFigures(board, slot);
  const timer = createRearmedTimer(turn, { ref: false });
  const undoMessages = watchParentMessages(board, slot, () => {
    // A message that was sent early is handled in the first turn, which would pass for a part of the start.
    if (field(numbers, LOOP.turns) < TURNS_BEFORE_WATCH) turn();
  });
  const undoWaits = watchTaskWaits({ begun: leave, over: back, held });
  let calls: CallWrapping | undefined;

  // The slot is another thread's if this one said that it ends and did not.
  const isOurs = () => Atomics.load(ints, HEAD.closed) === 0 && Atomics.load(ints, own + SLOT.thread) === threadId;
  // Nothing is captured in the first turns, and a thread that lives for a moment does not pay for it.
  const hasStarted = () => field(numbers, LOOP.turns) >= TURNS_BEFORE_WATCH;

  function turn(): void {
    try {
      if (isOurs()) turnOnce();
      else stop();
    } catch {
      // Nothing may be thrown into a thread that is not ours. It is not shown any more: it would look blocked.
      stop();
      if (isOurs()) Atomics.store(ints, own + SLOT.ended, ENDED.itself);
    }
  }

  function turnOnce(): void {
    Atomics.compareExchange(ints, own + SLOT.ended, ENDED.itself, 0);
    const nowMs = systemClock.monotonicMs();
    grid.fired(nowMs);
    const { dueMs, isSleeping } = turns.turn(nowMs);
    loopSide.turn(nowMs, dueMs, isSleeping);
    counted[COUNTED.lostSleep] = lostSleep().ms;
    if (hasStarted()) {
      figures.turn(nowMs);
      if (Atomics.load(ints, HEAD.wrapCalls) !== 0) {
        calls ??= wrapCallsInWorker(ints.subarray(HEAD.capturing));
        calls.wrapLoaded();
      }
    }
    timer.arm(grid.delayUntil(dueMs, nowMs));
  }

  function leave(): boolean {
    if (!isOurs()) return false;
    const nowMs = systemClock.monotonicMs();
    turns.turn(nowMs);
    loopSide.leave(nowMs);
    if (hasStarted()) figures.left(nowMs);
    return true;
  }

  function back(): void {
    if (!isOurs()) return;
    const nowMs = systemClock.monotonicMs();
    turns.free(nowMs);
    loopSide.back(nowMs, nowMs + loopTurnsEveryMs);
  }

  // A loop of the application's own that waits for messages, and takes them, without ever turning.
  function held(): void {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - field(numbers, LOOP.lastTurn) >= NOT_TURNING_MS) figures.left(nowMs);
  }

  function stop(): void {
    timer.stop();
    calls?.stop();
    figures.stop();
    undoMessages();
    undoWaits();
    loopSide.stop();
  }

  turn();
  // Until the parent says so, or for good where it does not turn, an ended thread would look blocked.
  process.on('exit', () => {
    timer.stop();
    if (Atomics.load(ints, own + SLOT.thread) !== threadId) return;
    figures.end();
    Atomics.store(ints, own + SLOT.ended, ENDED.itself);
  });
}
