// The series of the worker threads of one name; each begins when there is something to show.
import { ATTRIBUTES, METRICS, type MetricDefinition } from '../metric-names.js';
import type { BoundObservation, SeriesAttributes } from '../recorder/recorder.js';
import type { BoundTotals, Store } from '../recorder/store.js';
import { COUNTED, DIRECTIONS, GC_TYPES, HISTOGRAM_LENGTH } from '../worker-board/counted.js';
import { type NamedThreads, WORKER_STATES } from '../worker-board/totals.js';

export interface WorkerSeries {
  /** Sets what the collection under way exposes. */
  set(threads: NamedThreads): void;
  /** No thread of this name is known any more. */
  gone(): void;
  release(): void;
}

/** Creates the series of `threadName`; `spaces` are those of a heap, in the order of V8. */
export function createWorkerSeries(store: Store, threadName: string, spaces: readonly string[]): WorkerSeries {
  const bound = new Map<string, BoundObservation | BoundTotals>();
  const observations = new Set<BoundObservation>();
  const own = { [ATTRIBUTES.threadName]: threadName };
  // The highest of what a counter showed: two readers that see threads at the same moment may be microseconds apart.
  const highest = new Map<string, number>();

  function bind<T extends BoundObservation | BoundTotals>(key: string, create: () => T): T {
    let one = bound.get(key);
    if (one === undefined) {
      one = create();
      bound.set(key, one);
    }
    return one as T;
  }

  function observe(metric: MetricDefinition, value: number, attribute = '', attributes: SeriesAttributes = {}): void {
    const key = `${metric.name} ${attribute}`;
    if (!bound.has(key) && !(value >= 0)) return;
    const series = bind(key, () => store.observation(metric, { ...own, ...attributes }));
    observations.add(series);
    series.set(value);
  }

  // A counter without a value yet has no series; a kind of system does not tell some of them.
  function observeTotal(
    metric: MetricDefinition,
    value: number,
    attribute = '',
    attributes: SeriesAttributes = {},
  ): void {
    const key = `${metric.name} ${attribute}`;
    const total = Math.max(value, highest.get(key) ?? 0);
    highest.set(key, total);
    observe(metric, total > 0 || bound.has(key) ? total : Number.NaN, attribute, attributes);
  }

  function histogram(
    metric: MetricDefinition,
    values: Float64Array,
    attribute = '',
    attributes: SeriesAttributes = {},
  ): void {
    const key = `${metric.name} ${attribute}`;
    if (attribute !== '' && !bound.has(key) && !values.some((value) => value > 0)) return;
    bind(key, () => store.histogramTotals(metric, { ...own, ...attributes })).set(values);
  }

  return {
    set({ counted, blockedMs, reportAgeMs, states, heapLimit, heapSpaces, inFlight }) {
      const histogramAt = (from: number) => counted.subarray(from, from + HISTOGRAM_LENGTH);
      histogram(METRICS.eventLoopLag, histogramAt(COUNTED.lag));
      observe(METRICS.eventLoopBlocked, blockedMs / 1000);
      observe(METRICS.workerReportAge, reportAgeMs / 1000);
      for (const [index, state] of WORKER_STATES.entries()) {
        const count = Number.isNaN(reportAgeMs) ? Number.NaN : (states[index] ?? 0);
        observe(METRICS.workerStates, count, state, { [ATTRIBUTES.workerState]: state });
      }
      observeTotal(METRICS.threadCpuTime, counted[COUNTED.cpu] ?? 0);
      observeTotal(METRICS.threadCpuWaitTime, counted[COUNTED.cpuWait] ?? 0);
      observe(METRICS.heapLimit, heapLimit);
      for (const [index, space] of spaces.entries()) {
        const used = Number.isNaN(heapLimit) ? Number.NaN : (heapSpaces[index] ?? 0);
        observe(METRICS.heapUsed, used, space, { [ATTRIBUTES.heapSpaceName]: space });
      }
      for (const [index, type] of GC_TYPES.entries()) {
        const values = histogramAt(COUNTED.collections(index));
        histogram(METRICS.gcDuration, values, type, { [ATTRIBUTES.gcType]: type });
      }
      for (const [index, direction] of DIRECTIONS.entries()) {
        const attributes = { [ATTRIBUTES.messageDirection]: direction };
        const errors = counted[COUNTED.messageErrors(index)] ?? 0;
        observe(METRICS.workerMessagesInFlight, inFlight[index] ?? Number.NaN, direction, attributes);
        histogram(METRICS.workerMessageWait, histogramAt(COUNTED.messageWaits(index)), direction, attributes);
        observeTotal(METRICS.workerMessageErrors, errors, direction, attributes);
      }
    },
    gone() {
      for (const series of observations) series.set(Number.NaN);
    },
    release() {
      for (const series of bound.values()) series.release();
      bound.clear();
      observations.clear();
    },
  };
}
