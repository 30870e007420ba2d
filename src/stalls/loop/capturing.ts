// How many captures are under way, and sessions open, in memory that every thread reads: the loops at their checkpoints, the
// main thread at its exit.
import { FLAG, type Heartbeat } from '../../observer/heartbeat.js';
import { type Board, HEAD } from '../../worker-board/memory.js';

/** Counts one capture more or less. */
export function countCapture({ flags }: Heartbeat, board: Board | undefined, by: 1 | -1): void {
  Atomics.add(flags, FLAG.capturing, by);
  if (by === -1) Atomics.notify(flags, FLAG.capturing);
  if (board !== undefined) Atomics.add(board.ints, HEAD.capturing, by);
}

/** Takes back what an observer that is gone has counted: nobody else would, and each exit would wait for it. */
export function forgetCaptures({ flags }: Heartbeat, board: Board | undefined): void {
  for (const flag of [FLAG.capturing, FLAG.sessions, FLAG.sampling]) {
    Atomics.store(flags, flag, 0);
    Atomics.notify(flags, flag);
  }
  for (const field of [HEAD.capturing, HEAD.sampling]) if (board !== undefined) Atomics.store(board.ints, field, 0);
}

/** Counts one session that lasts more or less. */
export function countSession({ flags }: Pick<Heartbeat, 'flags'>, by: 1 | -1): void {
  Atomics.add(flags, FLAG.sessions, by);
  if (by === -1) Atomics.notify(flags, FLAG.sessions);
}
