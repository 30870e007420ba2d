// Lag and blocking of worker threads, from the board: fresh while they are blocked, and while the main thread is.
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { BoundObservation } from '../recorder/recorder.js';
import type { BoundTotals, Store } from '../recorder/store.js';
import { type Board, HEAD } from '../worker-board/memory.js';
import { readBoard } from '../worker-board/totals.js';

interface WorkerSeries {
  readonly lag: BoundTotals;
  readonly blocked: BoundObservation;
}

/** Starts reading `board` at each collection of `store`. */
export function startWorkerFigures(store: Store, clock: Clock, board: Board): Monitor {
  const series = new Map<string, WorkerSeries>();
  const unwatched = store.observation(METRICS.selfThreadsUnwatched);

  function seriesOf(name: string): WorkerSeries {
    let known = series.get(name);
    if (known === undefined) {
      const attributes = { [ATTRIBUTES.threadName]: name };
      known = {
        lag: store.histogramTotals(METRICS.eventLoopLag, attributes),
        blocked: store.observation(METRICS.eventLoopBlocked, attributes),
      };
      series.set(name, known);
    }
    return known;
  }

  const undo = store.onCollect(() => {
    unwatched.set(Atomics.load(board.ints, HEAD.unwatched));
    const threads = readBoard(board, clock.monotonicMs());
    if (threads === undefined) return;
    for (const [name, { blocked }] of series) if (!threads.has(name)) blocked.set(Number.NaN);
    for (const [name, { lag, blockedMs }] of threads) {
      const bound = seriesOf(name);
      bound.lag.set(lag);
      bound.blocked.set(blockedMs / 1000);
    }
  });
  return {
    stop() {
      undo();
      unwatched.release();
      for (const { lag, blocked } of series.values()) {
        lag.release();
        blocked.release();
      }
      series.clear();
    },
  };
}
