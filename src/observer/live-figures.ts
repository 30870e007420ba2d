// Figures that the observer reads itself, so that they are fresh while the main thread is blocked.
import { startAcceptQueue } from '../../instrumentations/connections/accept-queue.js';
import { processMonitor } from '../../instrumentations/process/index.js';
import { startPoolFigures } from '../../instrumentations/thread-pool/live.js';
import { openPoolUse } from '../../instrumentations/thread-pool/pool-use.js';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Store } from '../recorder/store.js';
import type { Board } from '../worker-board/memory.js';
import type { Heartbeat } from './heartbeat.js';
import { startMainCpuWait } from './main-cpu-wait.js';
import { startWorkerFigures } from './worker-figures.js';

export interface LiveFiguresOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat | undefined;
  /** Where worker threads write theirs. */
  readonly board: Board | undefined;
  readonly processFigures: boolean;
  /** Whether connections that wait to be accepted are counted. @default false */
  readonly acceptQueue?: boolean | undefined;
  /** The port of our own endpoint, where connections may wait too. */
  readonly ownPort?: () => number | undefined;
  /** What the main thread has given to the thread pool; without it the pool is not read. */
  readonly poolUse?: SharedArrayBuffer | undefined;
  /** Whether this thread may probe the pool: it is never blocked. @default false */
  readonly probesPool?: boolean;
  /** Age of the snapshot that is shown beside these figures, in seconds. */
  readonly snapshotAgeS: () => number;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts reading the live figures at each collection of `store`. */
export function startLiveFigures(options: LiveFiguresOptions): Monitor {
  const { store, clock, heartbeat, board, processFigures, acceptQueue = false, snapshotAgeS, report } = options;
  const age = store.observation(METRICS.selfSnapshotAge);
  const blocked = store.observation(METRICS.eventLoopBlocked, { [ATTRIBUTES.threadName]: 'main' });
  const undo = store.onCollect(() => {
    age.set(snapshotAgeS());
    blocked.set(heartbeat === undefined ? Number.NaN : heartbeat.blockedMs(clock.monotonicMs()) / 1000);
  });
  const context = { recorder: store, clock, shared: false, report };
  const processFiguresMonitor = processFigures ? processMonitor.start(context) : undefined;
  const acceptQueueMonitor = acceptQueue ? startAcceptQueue(context, options) : undefined;
  const poolFigures = startPool(options);
  const mainCpuWait = processFigures ? startMainCpuWait(store) : undefined;
  const workerFigures = board === undefined ? undefined : startWorkerFigures(store, clock, board);
  return {
    stop() {
      undo();
      workerFigures?.stop();
      mainCpuWait?.stop();
      age.release();
      blocked.release();
      processFiguresMonitor?.stop();
      acceptQueueMonitor?.stop();
      poolFigures?.stop();
    },
  };
}

function startPool({ store, clock, poolUse, probesPool = false, report }: LiveFiguresOptions): Monitor | undefined {
  if (poolUse === undefined) return undefined;
  return startPoolFigures({ recorder: store, clock, poolUse: openPoolUse(poolUse), probes: probesPool, report });
}
