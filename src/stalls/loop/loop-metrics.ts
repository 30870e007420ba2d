// What libuv counts of the calling thread's loop, as Node tells it in its module: the global object may be a fake in tests of
// the application.
import { performance, type UVMetrics } from 'node:perf_hooks';

/** The counters as of now, each since the loop began; undefined on a Node before 20.18 or 22.10, and elsewhere. */
export function readLoopMetrics(): UVMetrics | undefined {
  return performance.nodeTiming.uvMetricsInfo;
}
