// What Loopsight costs and what went wrong inside it.
import type { Monitor } from './instrumentation.js';
import { ATTRIBUTES, METRICS } from './metric-names.js';
import type { BoundObservation } from './recorder/recorder.js';
import type { Store } from './recorder/store.js';
import { sharedState } from './shared-state.js';

/** Counts of our own work. */
export interface SelfMetrics extends Monitor {
  /** Adds the time of one snapshot on the main thread, in seconds. */
  snapshotTook(seconds: number): void;
  observerRestarted(): void;
}

/** Starts the self-metrics of `store`. */
export function startSelfMetrics(store: Store): SelfMetrics {
  const snapshotTime = store.sum(METRICS.selfOverheadTime, { [ATTRIBUTES.selfPart]: 'snapshot' });
  const restarts = store.sum(METRICS.selfObserverRestarts);
  const noneDropped = store.observation(METRICS.selfSeriesDropped);
  const dropped = new Map<string, BoundObservation>();
  const suppressed = store.observation(METRICS.selfErrorsSuppressed);
  const undo = store.onCollect(() => {
    noneDropped.set(0);
    for (const [metric, count] of store.droppedSeries) {
      const series = dropped.get(metric);
      series?.set(count);
      if (series !== undefined) continue;
      // From 0 on, so that the first ones are an increase.
      const begun = store.observation(METRICS.selfSeriesDropped, { [ATTRIBUTES.selfMetric]: metric });
      begun.set(0);
      dropped.set(metric, begun);
    }
    suppressed.set(sharedState().failures.count);
  });
  return {
    snapshotTook: (seconds) => snapshotTime.add(seconds),
    observerRestarted: () => restarts.add(1),
    stop() {
      undo();
      for (const series of [snapshotTime, restarts, noneDropped, ...dropped.values(), suppressed]) series.release();
    },
  };
}
