// Backend 1 of the recorder: series in pages of numbers, so that recording is an array increment and a snapshot a copy.
import type { Clock } from '../clock.js';
import type { MetricDefinition } from '../metric-names.js';
import type { FamilyDescription, SeriesDescription, Snapshot } from '../prometheus/snapshot.js';
import type { BoundHistogram, BoundObservation, BoundSum, Recorder, SeriesAttributes } from './recorder.js';
import { createSlots, type Slot } from './slots.js';

/** Series of one metric beyond this number share one that carries `otel.metric.overflow`. */
export const SERIES_LIMIT_PER_METRIC = 2000;

export interface StoreOptions {
  readonly clock: Clock;
  /** Told what a collection callback threw. */
  readonly report: (error: unknown) => void;
}

/** Reads a store; each reader is told of every series once. */
export interface SnapshotReader {
  read(): Snapshot;
  close(): void;
}

/** One series of a histogram that is counted elsewhere. */
export interface BoundTotals {
  /** Sets the count of each bucket, followed by the sum in the metric's unit. */
  set(values: ArrayLike<number>): void;
  /** Removes the series; later calls of `set` do nothing. */
  release(): void;
}

/** A recorder that keeps its own values. */
export interface Store extends Recorder {
  /** Opens a reader whose first snapshot describes every living series. */
  open(): SnapshotReader;
  /** Binds a histogram whose totals are set, not recorded. */
  histogramTotals(metric: MetricDefinition, attributes?: SeriesAttributes): BoundTotals;
  /** Series that were asked for beyond the limit of their metric, so far. */
  readonly droppedSeries: number;
}

interface Series {
  readonly description: SeriesDescription;
  readonly slot: Slot;
  readonly metric: Metric;
  readonly key: string;
  bindings: number;
}

interface Metric {
  readonly family: FamilyDescription;
  readonly byKey: Map<string, Series>;
  readonly limit: number;
}

/** Creates an empty store. */
export function createStore({ clock, report }: StoreOptions): Store {
  const slots = createSlots();
  const metrics = new Map<string, Metric>();
  const collectors = new Set<() => void>();
  const readers = new Set<{ added: SeriesDescription[]; removed: number[] }>();
  let nextId = 0;
  let droppedSeries = 0;

  function metricOf(definition: MetricDefinition): Metric {
    let metric = metrics.get(definition.name);
    if (metric === undefined) {
      const { name, unit, kind, description, bounds, seriesLimit } = definition;
      const family: FamilyDescription = { name, unit, kind, description, ...(bounds === undefined ? {} : { bounds }) };
      metric = { family, byKey: new Map(), limit: seriesLimit ?? SERIES_LIMIT_PER_METRIC };
      metrics.set(name, metric);
    }
    return metric;
  }

  function bind(definition: MetricDefinition, attributes: SeriesAttributes = {}): Series {
    const metric = metricOf(definition);
    let pairs = sortedPairs(attributes);
    let key = JSON.stringify(pairs);
    if (!metric.byKey.has(key) && metric.byKey.size >= metric.limit) {
      droppedSeries++;
      pairs = [['otel.metric.overflow', 'true']];
      key = JSON.stringify(pairs);
    }
    let series = metric.byKey.get(key);
    if (series === undefined) {
      const length = metric.family.bounds === undefined ? 1 : metric.family.bounds.length + 2;
      const slot = slots.take(length);
      const id = nextId++;
      const description = {
        id,
        family: metric.family,
        attributes: pairs,
        offset: slot.offset,
        startUnixMs: clock.unixMs(),
      };
      series = { description, slot, metric, key, bindings: 0 };
      metric.byKey.set(key, series);
      for (const reader of readers) reader.added.push(description);
    }
    series.bindings++;
    return series;
  }

  function release(series: Series): void {
    if (--series.bindings > 0) return;
    const { id } = series.description;
    series.metric.byKey.delete(series.key);
    slots.free(series.slot);
    for (const reader of readers) {
      const unread = reader.added.findIndex((added) => added.id === id);
      if (unread === -1) reader.removed.push(id);
      else reader.added.splice(unread, 1);
    }
  }

  return {
    get droppedSeries() {
      return droppedSeries;
    },
    sum(definition, attributes) {
      const series = bind(definition, attributes);
      return new StoreValue(series, release);
    },
    histogram(definition, attributes) {
      const series = bind(definition, attributes);
      return new StoreHistogram(series, release);
    },
    histogramTotals(definition, attributes) {
      const series = bind(definition, attributes);
      let released = false;
      return {
        set(values) {
          if (!released) series.slot.page.set(values, series.slot.index);
        },
        release() {
          if (!released) release(series);
          released = true;
        },
      };
    },
    observation(definition, attributes) {
      const series = bind(definition, attributes);
      if (series.bindings === 1) series.slot.page[series.slot.index] = Number.NaN;
      return new StoreValue(series, release);
    },
    onCollect(callback) {
      const collector = () => callback();
      collectors.add(collector);
      return () => collectors.delete(collector);
    },
    open() {
      const pending = { added: describeLiving(metrics), removed: [] as number[] };
      readers.add(pending);
      return {
        read() {
          for (const collect of collectors) {
            try {
              collect();
            } catch (error) {
              report(error);
            }
          }
          const { added, removed } = pending;
          pending.added = [];
          pending.removed = [];
          return { unixMs: clock.unixMs(), added, removed, values: slots.copy() };
        },
        close() {
          readers.delete(pending);
        },
      };
    },
  };
}

function sortedPairs(attributes: SeriesAttributes): [string, string][] {
  return Object.keys(attributes)
    .sort()
    .map((key) => [key, String(attributes[key])]);
}

function describeLiving(metrics: ReadonlyMap<string, Metric>): SeriesDescription[] {
  return [...metrics.values()].flatMap(({ byKey }) => [...byKey.values()].map((series) => series.description));
}

// A released series writes here, so that recording needs no check.
const nowhere = new Float64Array(4096);

class StoreValue implements BoundSum, BoundObservation {
  #page: Float64Array;
  #index: number;
  #series: Series | undefined;
  readonly #release: (series: Series) => void;
  constructor(series: Series, release: (series: Series) => void) {
    this.#page = series.slot.page;
    this.#index = series.slot.index;
    this.#series = series;
    this.#release = release;
  }
  add(value: number): void {
    // biome-ignore lint/style/noNonNullAssertion: the index lies in the page by construction.
    this.#page[this.#index]! += value;
  }
  set(value: number): void {
    this.#page[this.#index] = value;
  }
  release(): void {
    if (this.#series === undefined) return;
    this.#page = nowhere;
    this.#index = 0;
    this.#release(this.#series);
    this.#series = undefined;
  }
}

class StoreHistogram implements BoundHistogram {
  #page: Float64Array;
  #index: number;
  readonly #bounds: readonly number[];
  #series: Series | undefined;
  readonly #release: (series: Series) => void;
  constructor(series: Series, release: (series: Series) => void) {
    this.#page = series.slot.page;
    this.#index = series.slot.index;
    this.#bounds = series.metric.family.bounds ?? [];
    this.#series = series;
    this.#release = release;
  }
  record(value: number): void {
    if (Number.isNaN(value)) return;
    const bounds = this.#bounds;
    let bucket = 0;
    // biome-ignore lint/style/noNonNullAssertion: the loop ends before the last bound.
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    // biome-ignore lint/style/noNonNullAssertion: the slot has bounds.length + 2 values.
    this.#page[this.#index + bucket]! += 1;
    // biome-ignore lint/style/noNonNullAssertion: as above.
    this.#page[this.#index + bounds.length + 1]! += value;
  }
  release(): void {
    if (this.#series === undefined) return;
    this.#page = nowhere;
    this.#index = 0;
    this.#release(this.#series);
    this.#series = undefined;
  }
}
