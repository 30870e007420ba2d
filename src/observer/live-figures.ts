// Figures that the observer reads itself, so that they are fresh while the main thread is blocked.
import { processMonitor } from '../../instrumentations/process/index.js';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Store } from '../recorder/store.js';
import type { Board } from '../worker-board/memory.js';
import type { Heartbeat } from './heartbeat.js';
import { startWorkerFigures } from './worker-figures.js';

export interface LiveFiguresOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat | undefined;
  /** Where worker threads write theirs. */
  readonly board: Board | undefined;
  readonly processFigures: boolean;
  /** Age of the snapshot that is shown beside these figures, in seconds. */
  readonly snapshotAgeS: () => number;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts reading the live figures at each collection of `store`. */
export function startLiveFigures(options: LiveFiguresOptions): Monitor {
  const { store, clock, heartbeat, board, processFigures, snapshotAgeS, report } = options;
  const age = store.observation(METRICS.selfSnapshotAge);
  const blocked = store.observation(METRICS.eventLoopBlocked, { [ATTRIBUTES.threadName]: 'main' });
  const undo = store.onCollect(() => {
    age.set(snapshotAgeS());
    blocked.set(heartbeat === undefined ? Number.NaN : heartbeat.blockedMs(clock.monotonicMs()) / 1000);
  });
  const processFiguresMonitor = processFigures
    ? processMonitor.start({ recorder: store, clock, shared: false, report })
    : undefined;
  const workerFigures = board === undefined ? undefined : startWorkerFigures(store, clock, board);
  return {
    stop() {
      undo();
      workerFigures?.stop();
      age.release();
      blocked.release();
      processFiguresMonitor?.stop();
    },
  };
}
