// What runs in a worker thread: lag probes that write to the board of the main thread, and the ends of its own workers.
// Every worker pays for what is imported here, also one that lives for 5 ms.
import { clearTimeout, setTimeout } from 'node:timers';
import { threadId, type Worker } from 'node:worker_threads';
import { systemClock } from '../../src/clock.js';
import { field, LOOP, TURNS_BEFORE_WATCH } from '../../src/stalls/loop/loop-record.js';
import { startLoopSide } from '../../src/stalls/loop/loop-side.js';
import { turnEveryMs } from '../../src/stalls/loop/turn-watch.js';
import { COUNTED, countDuration } from '../../src/worker-board/counted.js';
import {
  announceThread,
  BEAT,
  type Board,
  claimSlot,
  ENDED,
  HEAD,
  markEnded,
  openBoard,
  SLOT,
  slotFloats,
  slotInts,
} from '../../src/worker-board/memory.js';
import { wrapCallsInWorker } from '../blocking-calls/in-worker.js';
import type { CallWrapping } from '../blocking-calls/wrapping.js';
import { createLagProbes } from '../event-loop/lag-probes.js';
import { createTimerGrid } from '../event-loop/timer-grid.js';
import { createOwnFigures } from './own-figures.js';
import { watchParentMessages } from './parent-messages.js';
import { threadNameOf, watchThreadNames } from './thread-names.js';
import { watchWorkerMessages } from './worker-messages.js';
import { isInternal } from './worker-names.js';

/** Starts the probes of this thread, for the board in `buffer`; nothing of it keeps the thread alive. */
export function startInWorker(buffer: unknown): void {
  const board = openBoard(buffer);
  if (board === undefined || Atomics.load(board.ints, HEAD.closed) !== 0) return;
  watchOwnWorkers(board);
  const slot = claimSlot(board, threadId);
  if (slot === undefined) Atomics.add(board.ints, HEAD.unwatched, 1);
  else probe(board, slot);
}

function probe(board: Board, slot: number): void {
  const { ints, floats, lagProbeIntervalMs, stallThresholdMs } = board;
  const own = slotInts(slot);
  const numbers = floats.subarray(slotFloats(slot));
  const counted = numbers.subarray(BEAT.counted);
  const probes = createLagProbes({
    meanMs: lagProbeIntervalMs,
    random: Math.random,
    record: (waitMs) => countDuration(counted, COUNTED.lag, waitMs / 1000),
  });
  const grid = createTimerGrid();
  const loopSide = startLoopSide({
    record: numbers,
    thresholdMs: stallThresholdMs,
    capture: Atomics.load(ints, HEAD.capture) !== 0,
  });
  const undoMessages = watchParentMessages(board, slot, () => {
    // A message that was sent early is handled in the first turn, which would pass for a part of the start.
    if (field(numbers, LOOP.turns) >= TURNS_BEFORE_WATCH) return;
    clearTimeout(timer);
    turn();
  });
  const figures = createOwnFigures(board, slot);
  let calls: CallWrapping | undefined;
  let timer: NodeJS.Timeout | undefined;

  function turn(): void {
    // The slot is another thread's if this one said that it ends and did not.
    if (Atomics.load(ints, HEAD.closed) !== 0 || Atomics.load(ints, own + SLOT.thread) !== threadId) {
      calls?.stop();
      figures.stop();
      undoMessages();
      return;
    }
    Atomics.compareExchange(ints, own + SLOT.ended, ENDED.itself, 0);
    const nowMs = systemClock.monotonicMs();
    grid.fired(nowMs);
    const dueMs = Math.min(probes.turn(nowMs), nowMs + turnEveryMs(stallThresholdMs));
    loopSide.turn(nowMs, dueMs);
    // Not earlier: nothing is captured before, and a thread that lives for a moment does not pay for it.
    if (field(numbers, LOOP.turns) >= TURNS_BEFORE_WATCH) {
      figures.turn(nowMs);
      if (Atomics.load(ints, HEAD.wrapCalls) !== 0) {
        calls ??= wrapCallsInWorker(ints.subarray(HEAD.capturing));
        calls.wrapLoaded();
      }
    }
    timer = setTimeout(turn, grid.delayUntil(dueMs, nowMs)).unref();
  }

  turn();
  // Until the parent says so, or for good where it does not turn, an ended thread would look blocked.
  process.on('exit', () => {
    clearTimeout(timer);
    if (Atomics.load(ints, own + SLOT.thread) !== threadId) return;
    figures.end();
    Atomics.store(ints, own + SLOT.ended, ENDED.itself);
  });
}

// The main thread learns of its own workers only, so each thread answers for those that it creates.
function watchOwnWorkers(board: Board): void {
  watchThreadNames();
  const messages = watchWorkerMessages(board);
  process.on('worker', (worker: Worker) => {
    try {
      if (isInternal(worker)) return;
      const child = worker.threadId;
      announceThread(board, child, threadNameOf(worker), threadId);
      messages.watch(worker);
      worker.on('exit', () => {
        messages.forget(worker);
        markEnded(board, child);
      });
    } catch {
      // Anybody may emit this event, with anything.
    }
  });
}
