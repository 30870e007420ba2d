// loopsight.thread.cpu.wait.time of the main thread, read by whoever serves: fresh while it is blocked.
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Store } from '../recorder/store.js';
import { readSchedule } from '../worker-board/see-threads.js';

/** Starts reading at each collection of `store`; no series where the system does not tell. */
export function startMainCpuWait(store: Store): Monitor {
  // Linux numbers the main thread as the process.
  if (readSchedule(process.pid) === undefined) return { stop() {} };
  const series = store.observation(METRICS.threadCpuWaitTime, { [ATTRIBUTES.threadName]: 'main' });
  const undo = store.onCollect(() => series.set(readSchedule(process.pid)?.waitS ?? Number.NaN));
  return {
    stop() {
      undo();
      series.release();
    },
  };
}
