// What the observer reads of the pool itself, so that it is fresh while the main thread is blocked.
import type { Clock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';
import type { Recorder } from '../../src/recorder/recorder.js';
import { createPoolGauges, type PoolGauges } from './pool-gauges.js';
import { POOL_LANES } from './pool-requests.js';
import { createPoolThreads } from './pool-threads.js';
import { isUsed, type PoolUse } from './pool-use.js';
import { createPoolProbes, type PoolWorker } from './probes.js';

export interface PoolFiguresOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** What the main thread has given to the pool. */
  readonly poolUse: PoolUse;
  /** Whether to probe; only a thread that is never blocked should. */
  readonly probes: boolean | Readonly<Record<(typeof POOL_LANES)[number], PoolWorker>>;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts it. There are no series until the pool has been used: its threads exist from its first use on, and ours must not be that. */
export function startPoolFigures({ recorder, clock, poolUse, probes, report }: PoolFiguresOptions): Monitor {
  const threads = createPoolThreads();
  const prober =
    probes === false
      ? undefined
      : createPoolProbes({ recorder, clock, report, ...(probes === true ? {} : { probes }) });
  let gauges: PoolGauges | undefined;

  const undoCollect = recorder.onCollect(() => {
    const reading = threads.read();
    if (reading !== undefined) {
      gauges ??= createPoolGauges(recorder);
      gauges.set(reading);
    }
    if (prober === undefined) return;
    if (reading !== undefined) prober.begin('default');
    for (const lane of POOL_LANES) if (isUsed(poolUse, lane)) prober.begin(lane);
    prober.observe();
  });
  return {
    stop() {
      undoCollect();
      prober?.stop();
      gauges?.release();
    },
  };
}
