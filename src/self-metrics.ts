// What Loopsight costs and what went wrong inside it.
import type { Monitor } from './instrumentation.js';
import { ATTRIBUTES, METRICS } from './metric-names.js';
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
  const dropped = store.observation(METRICS.selfSeriesDropped);
  const suppressed = store.observation(METRICS.selfErrorsSuppressed);
  const undo = store.onCollect(() => {
    dropped.set(store.droppedSeries);
    suppressed.set(sharedState().failures.count);
  });
  return {
    snapshotTook: (seconds) => snapshotTime.add(seconds),
    observerRestarted: () => restarts.add(1),
    stop() {
      undo();
      for (const series of [snapshotTime, restarts, dropped, suppressed]) series.release();
    },
  };
}
