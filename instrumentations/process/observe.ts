// One figure that is read at each collection.
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import type { MetricDefinition } from '../../src/metric-names.js';

/** Exposes what `read` returns; NaN leaves the series out of that collection. */
export function observe({ recorder }: MonitorContext, metric: MetricDefinition, read: () => number): Monitor {
  const series = recorder.observation(metric);
  const forget = recorder.onCollect(() => series.set(read()));
  return {
    stop() {
      forget();
      series.release();
    },
  };
}
