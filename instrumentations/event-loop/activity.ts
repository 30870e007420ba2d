// loopsight.eventloop.iterations, .events and .events_waiting, from libuv's counters where Node has them.
import { type PerformanceNodeTiming, performance } from 'node:perf_hooks';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';

interface UvMetricsInfo {
  readonly loopCount: number;
  readonly events: number;
  readonly eventsWaiting: number;
}

/** Exposes libuv's counters of the loop; no series where Node does not tell them. */
export function observeActivity({ recorder }: MonitorContext, threadName: string): Monitor {
  // Node 20.18, 22.10 and later.
  const timing = performance.nodeTiming as PerformanceNodeTiming & { readonly uvMetricsInfo?: UvMetricsInfo };
  if (timing.uvMetricsInfo === undefined) return { stop() {} };
  const thread = { [ATTRIBUTES.threadName]: threadName };
  const iterations = recorder.observation(METRICS.eventLoopIterations, thread);
  const events = recorder.observation(METRICS.eventLoopEvents, thread);
  const eventsWaiting = recorder.observation(METRICS.eventLoopEventsWaiting, thread);
  const forget = recorder.onCollect(() => {
    const info = timing.uvMetricsInfo;
    iterations.set(info?.loopCount ?? Number.NaN);
    events.set(info?.events ?? Number.NaN);
    eventsWaiting.set(info?.eventsWaiting ?? Number.NaN);
  });
  return {
    stop() {
      forget();
      for (const series of [iterations, events, eventsWaiting]) series.release();
    },
  };
}
