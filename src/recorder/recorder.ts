// What instrumentations write to. Backends: our own store (store.ts) and an application's Meter (meter.ts).
import type { MetricDefinition } from '../metric-names.js';
import type { ExemplarSpan } from './exemplars.js';

/** Attribute values of one series; anything but strings is written as a string. */
export type SeriesAttributes = Readonly<Record<string, string | number | boolean>>;

/** A series that only grows (counter) or goes up and down (updowncounter). */
export interface BoundSum {
  /** Adds `value`, in the metric's unit; of a counter, `span` becomes its exemplar if it is sampled. */
  add(value: number, span?: ExemplarSpan): void;
  /** Removes the series; later calls of `add` do nothing. */
  release(): void;
}

/** One series of a histogram. */
export interface BoundHistogram {
  /** Records `value`, in the metric's unit; `span`, in which it was measured, becomes its bucket's exemplar if it is sampled. */
  record(value: number, span?: ExemplarSpan): void;
  /** Tells late in which span a value was measured that was recorded without one. */
  exemplify(value: number, span: ExemplarSpan): void;
  /** Removes the series; later calls of `record` and `exemplify` do nothing. */
  release(): void;
}

/** A series whose value is read at collection; for counters it is the total so far. */
export interface BoundObservation {
  /** Sets the value that the collection under way exposes, in the metric's unit; NaN leaves the series out. */
  set(value: number): void;
  /** Removes the series; later calls of `set` do nothing. */
  release(): void;
}

/**
 * Turns metric definitions and attributes into series that are written without a further look-up.
 * Binding the same metric and attributes twice gives series that write to the same values.
 */
export interface Recorder {
  sum(metric: MetricDefinition, attributes?: SeriesAttributes): BoundSum;
  histogram(metric: MetricDefinition, attributes?: SeriesAttributes): BoundHistogram;
  observation(metric: MetricDefinition, attributes?: SeriesAttributes): BoundObservation;
  /** Runs `callback` at each collection, before values are read; returns its undo. A throw is reported, never passed on. */
  onCollect(callback: () => void): () => void;
}
