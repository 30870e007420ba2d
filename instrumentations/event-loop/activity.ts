// loopsight.eventloop.iterations, .events and .events_waiting, from libuv's counters where Node has them.
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { readLoopMetrics } from '../../src/stalls/loop/loop-metrics.js';

/** Exposes libuv's counters of the loop; no series where Node does not tell them. */
export function observeActivity({ recorder }: MonitorContext, threadName: string): Monitor {
  if (readLoopMetrics() === undefined) return { stop() {} };
  const thread = { [ATTRIBUTES.threadName]: threadName };
  const iterations = recorder.observation(METRICS.eventLoopIterations, thread);
  const events = recorder.observation(METRICS.eventLoopEvents, thread);
  const eventsWaiting = recorder.observation(METRICS.eventLoopEventsWaiting, thread);
  const forget = recorder.onCollect(() => {
    const info = readLoopMetrics();
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
