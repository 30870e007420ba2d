// The figures that the observer would read itself, read on the calling thread where there is none.
import { systemClock } from '../clock.js';
import { SeriesTable } from '../prometheus/snapshot.js';
import { createStore } from '../recorder/store.js';
import type { Board } from '../worker-board/memory.js';
import { startLiveFigures } from './live-figures.js';

export interface LiveFiguresHereOptions {
  readonly board: Board | undefined;
  readonly processFigures: boolean;
  readonly acceptQueue?: boolean;
  readonly poolUse?: SharedArrayBuffer | undefined;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts reading; `read` returns the figures as they are now. */
export function openLiveFigures({ board, processFigures, acceptQueue, poolUse, report }: LiveFiguresHereOptions) {
  const table = new SeriesTable();
  const store = createStore({
    clock: systemClock,
    report: (error) => report('a live figure could not be read', error),
  });
  const figures = startLiveFigures({
    store,
    clock: systemClock,
    heartbeat: undefined,
    board,
    processFigures,
    acceptQueue,
    poolUse,
    snapshotAgeS: () => 0,
    report,
  });
  const reader = store.open();
  return {
    read() {
      table.apply(reader.read());
      return table;
    },
    stop: () => figures.stop(),
  };
}
