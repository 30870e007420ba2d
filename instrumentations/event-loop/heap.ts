// v8js.memory.heap.used by space and loopsight.heap.limit: each thread has a heap of its own.
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation } from '../../src/recorder/recorder.js';

/** Exposes what the heap of this thread uses and may grow to. */
export function observeHeap({ recorder }: MonitorContext, threadName: string): Monitor {
  const thread = { [ATTRIBUTES.threadName]: threadName };
  const limit = recorder.observation(METRICS.heapLimit, thread);
  // The spaces differ between versions of V8, but not while a process runs.
  const spaces = new Map<string, BoundObservation>();
  for (const { space_name: name } of getHeapSpaceStatistics()) {
    spaces.set(name, recorder.observation(METRICS.heapUsed, { ...thread, [ATTRIBUTES.heapSpaceName]: name }));
  }
  const forget = recorder.onCollect(() => {
    for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics()) spaces.get(name)?.set(used);
    limit.set(getHeapStatistics().heap_size_limit);
  });
  return {
    stop() {
      forget();
      limit.release();
      for (const series of spaces.values()) series.release();
    },
  };
}
