// Backend 1 of the recorder: series in pages of numbers, so that recording is an array increment and a snapshot a copy.
import type { Clock } from '../clock.js';
import { type MetricDefinition, SERIES_LIMIT_PER_METRIC } from '../metric-names.js';
import type { FamilyDescription, SeriesDescription, Snapshot } from '../prometheus/snapshot.js';
import { createExemplars, EXEMPLAR_SERIES_LIMIT } from './exemplars.js';
import type { Recorder, SeriesAttributes } from './recorder.js';
import { createSlots } from './slots.js';
import { StoredHistogram, type StoredSeries, StoredValue } from './stored-series.js';

const OVERFLOW: [string, string][] = [['otel.metric.overflow', 'true']];
const OVERFLOW_KEY = JSON.stringify(OVERFLOW);

export interface StoreOptions {
  readonly clock: Clock;
  /** Series that a metric may have before further ones share one. @default the metric's own limit, else 2,000 */
  readonly limitOf?: (metric: MetricDefinition) => number;
  /** Told once of each metric that passed its limit. */
  readonly onOverflow?: (metric: string, limit: number) => void;
  /** Whether exemplars are kept. @default true */
  readonly exemplars?: boolean;
  /** Told what a collection callback threw. */
  readonly report: (error: unknown) => void;
}

/** Reads a store; each reader is told of every series once. */
export interface SnapshotReader {
  /** `allocate` makes room for the values. @default in an array of their own */
  read(allocate?: (length: number) => Float64Array): Snapshot;
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
  /** How many series were asked for beyond the limit of their metric so far, by the metric's name. */
  readonly droppedSeries: ReadonlyMap<string, number>;
}

interface MetricSeries extends StoredSeries {
  readonly description: SeriesDescription;
  readonly metric: Metric;
  readonly key: string;
  bindings: number;
}

interface Metric {
  readonly family: FamilyDescription;
  readonly byKey: Map<string, MetricSeries>;
  readonly limit: number;
}

/** Creates an empty store. */
export function createStore(options: StoreOptions): Store {
  const { clock, limitOf = ownLimitOf, onOverflow, exemplars: hasExemplars = true, report } = options;
  const slots = createSlots();
  const metrics = new Map<string, Metric>();
  const collectors = new Set<() => void>();
  const readers = new Set<{ added: SeriesDescription[]; removed: number[] }>();
  const exemplars = createExemplars(() => clock.unixMs(), hasExemplars ? EXEMPLAR_SERIES_LIMIT : 0);
  const droppedSeries = new Map<string, number>();
  let nextId = 0;

  function metricOf(definition: MetricDefinition): Metric {
    let metric = metrics.get(definition.name);
    if (metric === undefined) {
      const { name, unit, kind, description, bounds } = definition;
      const family: FamilyDescription = { name, unit, kind, description, ...(bounds === undefined ? {} : { bounds }) };
      metric = { family, byKey: new Map(), limit: limitOf(definition) };
      metrics.set(name, metric);
    }
    return metric;
  }

  function countDropped(name: string, limit: number): void {
    const dropped = droppedSeries.get(name) ?? 0;
    droppedSeries.set(name, dropped + 1);
    if (dropped === 0) onOverflow?.(name, limit);
  }

  function bind(definition: MetricDefinition, attributes: SeriesAttributes = {}): MetricSeries {
    const metric = metricOf(definition);
    let pairs = sortedPairs(attributes);
    let key = JSON.stringify(pairs);
    const named = metric.byKey.has(OVERFLOW_KEY) ? metric.byKey.size - 1 : metric.byKey.size;
    if (named >= metric.limit && !metric.byKey.has(key)) {
      countDropped(definition.name, metric.limit);
      pairs = OVERFLOW;
      key = OVERFLOW_KEY;
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
      const buckets = metric.family.bounds === undefined ? 1 : metric.family.bounds.length + 1;
      series = {
        id,
        description,
        family: metric.family,
        slot,
        metric,
        key,
        buckets,
        exemplars: undefined,
        bindings: 0,
      };
      metric.byKey.set(key, series);
      for (const reader of readers) reader.added.push(description);
    }
    series.bindings++;
    return series;
  }

  function release(series: MetricSeries): void {
    if (--series.bindings > 0) return;
    const { id } = series.description;
    series.metric.byKey.delete(series.key);
    slots.free(series.slot);
    exemplars.forget(series);
    for (const reader of readers) {
      const unread = reader.added.findIndex((added) => added.id === id);
      if (unread === -1) reader.removed.push(id);
      else reader.added.splice(unread, 1);
    }
  }

  return {
    droppedSeries,
    sum(definition, attributes) {
      const series = bind(definition, attributes);
      return new StoredValue(series, exemplars, () => release(series));
    },
    histogram(definition, attributes) {
      const series = bind(definition, attributes);
      return new StoredHistogram(series, exemplars, () => release(series));
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
      return new StoredValue(series, exemplars, () => release(series));
    },
    onCollect(callback) {
      const collector = () => callback();
      collectors.add(collector);
      return () => collectors.delete(collector);
    },
    open() {
      const pending = { added: describeLiving(metrics), removed: [] as number[] };
      const newExemplars = exemplars.open();
      readers.add(pending);
      return {
        read(allocate) {
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
          const found = newExemplars();
          const snapshot = { unixMs: clock.unixMs(), added, removed, values: slots.copy(allocate) };
          return found.length === 0 ? snapshot : { ...snapshot, exemplars: found };
        },
        close() {
          readers.delete(pending);
        },
      };
    },
  };
}

function ownLimitOf({ seriesLimit }: MetricDefinition): number {
  return seriesLimit ?? SERIES_LIMIT_PER_METRIC;
}

function sortedPairs(attributes: SeriesAttributes): [string, string][] {
  return Object.keys(attributes)
    .sort()
    .map((key) => [key, String(attributes[key])]);
}

function describeLiving(metrics: ReadonlyMap<string, Metric>): SeriesDescription[] {
  return [...metrics.values()].flatMap(({ byKey }) => [...byKey.values()].map((series) => series.description));
}
