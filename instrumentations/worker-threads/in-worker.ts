// What runs in a worker thread: the watch over its own loop, and the ends of its own workers.
// Every worker pays for what is imported here, also one that lives for 5 ms.
import { threadId, type Worker } from 'node:worker_threads';
import { announceThread, type Board, claimSlot, HEAD, markEnded, openBoard } from '../../src/worker-board/memory.js';
import { watchOwnLoop } from './own-loop.js';
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
  else watchOwnLoop(board, slot);
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
