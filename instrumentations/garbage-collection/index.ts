// Duration of garbage collections, from every entry that V8 reports.
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram } from '../../src/recorder/recorder.js';

export interface GarbageCollectionOptions {
  /** The `thread.name` of the series. @default 'main' */
  readonly threadName?: string;
  /** Told of each collection: its begin on the time line of `performance`, and its length, in milliseconds. */
  readonly onCollected?: (startMs: number, durationMs: number) => void;
}

// V8's own kind 2 (a minor collection by mark and sweep) has no constant in Node.
const MINOR_MARK_SWEEP = 2;

/** `v8js.gc.type` by V8's kind; other kinds have no name in the semantic conventions. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [MINOR_MARK_SWEEP, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** Creates the monitor that records `v8js.gc.duration` of its thread. */
export function createGarbageCollectionMonitor({
  threadName = 'main',
  onCollected,
}: GarbageCollectionOptions = {}): MonitorDefinition {
  return {
    name: 'garbage-collection',
    start({ recorder, report }) {
      const series = new Map<string, BoundHistogram>();
      // One report may carry many collections: a thread that was busy hears of all of them at once.
      const observer = new PerformanceObserver((list) => {
        try {
          for (const entry of list.getEntries()) {
            onCollected?.(entry.startTime, entry.duration);
            const type = TYPES.get(kindOf(entry));
            if (type === undefined) continue;
            let histogram = series.get(type);
            if (histogram === undefined) {
              const attributes = { [ATTRIBUTES.threadName]: threadName, [ATTRIBUTES.gcType]: type };
              histogram = recorder.histogram(METRICS.gcDuration, attributes);
              series.set(type, histogram);
            }
            histogram.record(entry.duration / 1000);
          }
        } catch (error) {
          report('a garbage collection could not be recorded', error);
        }
      });
      observer.observe({ entryTypes: ['gc'] });
      return {
        stop() {
          observer.disconnect();
          for (const histogram of series.values()) histogram.release();
          series.clear();
        },
      };
    },
  };
}

function kindOf(entry: PerformanceEntry): number {
  const { detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } };
  return detail?.kind ?? Number.NaN;
}
