// That V8's profiler samples threads: its signals end each sleep of their loops early, and libuv counts hardly any of a sleep
// that was interrupted. The threads have to know, or an idle loop looks busy.
import { FLAG, type Heartbeat } from '../observer/heartbeat.js';
import { type Board, HEAD } from '../worker-board/memory.js';

/** Says that a profiler samples the main thread from now on; returns how to say that it no longer does. */
export function countSampling({ flags }: Pick<Heartbeat, 'flags'>): () => void {
  Atomics.add(flags, FLAG.sampling, 1);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    Atomics.sub(flags, FLAG.sampling, 1);
  };
}

/** The same of workers, of whichever; nothing where there is no board. */
export function countWorkerSampling(board: Pick<Board, 'ints'> | undefined): () => void {
  if (board === undefined) return () => {};
  const { ints } = board;
  Atomics.add(ints, HEAD.sampling, 1);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    Atomics.sub(ints, HEAD.sampling, 1);
  };
}

/** Whether one does. */
export const isSampled = ({ flags }: Pick<Heartbeat, 'flags'>): boolean => Atomics.load(flags, FLAG.sampling) > 0;
