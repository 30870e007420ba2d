// What worker threads tell of themselves, from the board: fresh while they are blocked, and while the main thread is.
import { getHeapSpaceStatistics } from 'node:v8';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { METRICS } from '../metric-names.js';
import type { Store } from '../recorder/store.js';
import { type Board, HEAD } from '../worker-board/memory.js';
import { seeThreads } from '../worker-board/see-threads.js';
import { readBoard } from '../worker-board/totals.js';
import { createWorkerSeries, type WorkerSeries } from './worker-series.js';

/** Starts reading `board` at each collection of `store`. */
export function startWorkerFigures(store: Store, clock: Clock, board: Board): Monitor {
  const series = new Map<string, WorkerSeries>();
  const unwatched = store.observation(METRICS.selfThreadsUnwatched);
  let spaces: readonly string[] | undefined;

  function seriesOf(name: string): WorkerSeries {
    let known = series.get(name);
    if (known === undefined) {
      // Every thread of a process has the same spaces in the same order.
      spaces ??= getHeapSpaceStatistics().map(({ space_name: space }) => space);
      known = createWorkerSeries(store, name, spaces);
      series.set(name, known);
    }
    return known;
  }

  const undo = store.onCollect(() => {
    unwatched.set(Atomics.load(board.ints, HEAD.unwatched));
    const nowMs = clock.monotonicMs();
    seeThreads(board, nowMs);
    const threads = readBoard(board, nowMs);
    if (threads === undefined) return;
    for (const [name, one] of series) if (!threads.has(name)) one.gone();
    for (const [name, figures] of threads) seriesOf(name).set(figures);
  });
  return {
    stop() {
      undo();
      unwatched.release();
      for (const one of series.values()) one.release();
      series.clear();
    },
  };
}
