// One series of a store as instrumentations hold it: recording is an array increment.
import type { FamilyDescription } from '../prometheus/snapshot.js';
import type { ExemplarSeries, ExemplarSpan, Exemplars } from './exemplars.js';
import type { BoundHistogram, BoundObservation, BoundSum } from './recorder.js';
import type { Slot } from './slots.js';

/** What a store keeps of a series. */
export interface StoredSeries extends ExemplarSeries {
  readonly family: FamilyDescription;
  readonly slot: Slot;
}

// A released series writes here, so that recording needs no check.
const nowhere = new Float64Array(4096);

/** A sum or observation. */
export class StoredValue implements BoundSum, BoundObservation {
  #page: Float64Array;
  #index: number;
  #series: StoredSeries | undefined;
  readonly #exemplars: Exemplars;
  readonly #release: () => void;
  constructor(series: StoredSeries, exemplars: Exemplars, release: () => void) {
    this.#page = series.slot.page;
    this.#index = series.slot.index;
    this.#series = series;
    this.#exemplars = exemplars;
    this.#release = release;
  }
  add(value: number, span?: ExemplarSpan): void {
    // biome-ignore lint/style/noNonNullAssertion: the index lies in the page by construction.
    this.#page[this.#index]! += value;
    if (span === undefined || this.#series?.family.kind !== 'counter') return;
    this.#exemplars.keep(this.#series, 0, value, span);
  }
  set(value: number): void {
    this.#page[this.#index] = value;
  }
  release(): void {
    if (this.#series === undefined) return;
    this.#page = nowhere;
    this.#index = 0;
    this.#release();
    this.#series = undefined;
  }
}

/** A histogram. */
export class StoredHistogram implements BoundHistogram {
  #page: Float64Array;
  #index: number;
  readonly #bounds: readonly number[];
  #series: StoredSeries | undefined;
  readonly #exemplars: Exemplars;
  readonly #release: () => void;
  constructor(series: StoredSeries, exemplars: Exemplars, release: () => void) {
    this.#page = series.slot.page;
    this.#index = series.slot.index;
    this.#bounds = series.family.bounds ?? [];
    this.#series = series;
    this.#exemplars = exemplars;
    this.#release = release;
  }
  record(value: number, span?: ExemplarSpan): void {
    if (Number.isNaN(value)) return;
    const bounds = this.#bounds;
    const bucket = bucketOf(value, bounds);
    // biome-ignore lint/style/noNonNullAssertion: the slot has bounds.length + 2 values.
    this.#page[this.#index + bucket]! += 1;
    // biome-ignore lint/style/noNonNullAssertion: as above.
    this.#page[this.#index + bounds.length + 1]! += value;
    if (span === undefined || this.#series === undefined) return;
    this.#exemplars.keep(this.#series, bucket, value, span);
  }
  exemplify(value: number, span: ExemplarSpan): void {
    if (Number.isNaN(value) || this.#series === undefined) return;
    this.#exemplars.keep(this.#series, bucketOf(value, this.#bounds), value, span);
  }
  release(): void {
    if (this.#series === undefined) return;
    this.#page = nowhere;
    this.#index = 0;
    this.#release();
    this.#series = undefined;
  }
}

function bucketOf(value: number, bounds: readonly number[]): number {
  let bucket = 0;
  // biome-ignore lint/style/noNonNullAssertion: the loop ends before the last bound.
  while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
  return bucket;
}
