// Exemplars of a store: of each bucket the newest value that was measured in a sampled span, and which span that was.
import type { SeriesExemplar } from '../prometheus/snapshot.js';

/** Which span a value was measured in, as the context of an OpenTelemetry span tells it. */
export interface ExemplarSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Bit 0 is set where the span is sampled; others are no exemplars, for nobody could find them. */
  readonly traceFlags: number;
}

/** So many series of a store can have exemplars: the first ones that got any. About 2 kB each, of 15 buckets. */
export const EXEMPLAR_SERIES_LIMIT = 1000;
/** A snapshot tells so many; the others are told with the next one. */
export const EXEMPLARS_PER_SNAPSHOT = 1000;

/** A series whose exemplars are kept. */
export interface ExemplarSeries {
  readonly id: number;
  /** 1 for a sum. */
  readonly buckets: number;
  /** Its exemplars; set with the first one. */
  exemplars: SeriesExemplars | undefined;
}

/** Tells the exemplars that are new since it was last asked. */
export type ExemplarReader = () => SeriesExemplar[];

/** The exemplars of all series of a store. */
export interface Exemplars {
  /** Keeps `value` as the newest of its bucket, if `span` is sampled. */
  keep(series: ExemplarSeries, bucket: number, value: number, span: ExemplarSpan): void;
  /** Forgets those of a series that ended. */
  forget(series: ExemplarSeries): void;
  /** Opens a reader that begins with all there are. */
  open(): ExemplarReader;
}

/** Creates an empty reservoir for `limit` series; `unixMs` is the wall clock. */
export function createExemplars(unixMs: () => number, limit: number): Exemplars {
  const held = new Set<SeriesExemplars>();
  // Counts what is kept, so that each reader knows what it has seen.
  let order = 0;

  /** The number of the last exemplar that may be told to a reader that has seen all up to `seen`. */
  function endAfter(seen: number): number {
    if (order - seen <= EXEMPLARS_PER_SNAPSHOT) return order;
    let count = 0;
    for (const exemplars of held) count += exemplars.countAfter(seen);
    if (count <= EXEMPLARS_PER_SNAPSHOT) return order;
    const orders = new Float64Array(count);
    let at = 0;
    for (const exemplars of held) at = exemplars.ordersAfter(seen, orders, at);
    return orders.sort()[EXEMPLARS_PER_SNAPSHOT - 1] ?? order;
  }

  return {
    keep(series, bucket, value, span) {
      if (!isSampled(span)) return;
      let { exemplars } = series;
      if (exemplars === undefined) {
        if (held.size >= limit) return;
        exemplars = new SeriesExemplars(series.id, series.buckets);
        series.exemplars = exemplars;
        held.add(exemplars);
      }
      exemplars.set(bucket, value, unixMs(), ++order, span);
    },
    forget(series) {
      if (series.exemplars === undefined) return;
      held.delete(series.exemplars);
      series.exemplars = undefined;
    },
    open() {
      let seen = 0;
      return () => {
        if (order === seen) return [];
        // Of too many the oldest are told first: buckets that are seldom met, which are the interesting ones.
        const end = endAfter(seen);
        const told: SeriesExemplar[] = [];
        for (const exemplars of held) exemplars.tell(seen, end, told);
        seen = end;
        return told;
      };
    },
  };
}

// Of each bucket: value, time, and number in the order of all.
const NUMBERS = 3;
const ORDER = 2;
// Of each bucket: the ids of trace and span, as the span's context holds them.
const IDS = 2;
const ID = /^(?!0+$)[0-9a-f]+$/;

/** The exemplars of one series, in memory that is taken once. */
export class SeriesExemplars {
  readonly #series: number;
  readonly #numbers: Float64Array;
  readonly #ids: string[];
  /** Number of the newest one. */
  newest = 0;

  constructor(series: number, buckets: number) {
    this.#series = series;
    this.#numbers = new Float64Array(buckets * NUMBERS);
    this.#ids = new Array<string>(buckets * IDS).fill('');
  }

  set(bucket: number, value: number, unixMs: number, order: number, { traceId, spanId }: ExemplarSpan): void {
    const numbers = this.#numbers;
    const at = bucket * NUMBERS;
    numbers[at] = value;
    numbers[at + 1] = unixMs;
    numbers[at + 2] = order;
    this.#ids[bucket * IDS] = traceId;
    this.#ids[bucket * IDS + 1] = spanId;
    this.newest = order;
  }

  countAfter(seen: number): number {
    if (this.newest <= seen) return 0;
    let count = 0;
    for (let at = ORDER; at < this.#numbers.length; at += NUMBERS) if (this.#at(at) > seen) count++;
    return count;
  }

  /** Writes the numbers of those that came after the one with the number `seen` into `orders`; returns where they end. */
  ordersAfter(seen: number, orders: Float64Array, from: number): number {
    let next = from;
    if (this.newest <= seen) return next;
    for (let at = ORDER; at < this.#numbers.length; at += NUMBERS) {
      if (this.#at(at) > seen) orders[next++] = this.#at(at);
    }
    return next;
  }

  /** Adds those that came after the one with the number `seen`, up to `end`, to `told`. */
  tell(seen: number, end: number, told: SeriesExemplar[]): void {
    if (this.newest <= seen) return;
    for (let at = 0, bucket = 0; at < this.#numbers.length; at += NUMBERS, bucket++) {
      const order = this.#at(at + ORDER);
      const traceId = this.#ids[bucket * IDS] ?? '';
      const spanId = this.#ids[bucket * IDS + 1] ?? '';
      if (order <= seen || order > end || !ID.test(traceId) || !ID.test(spanId)) continue;
      told.push({ series: this.#series, bucket, value: this.#at(at), unixMs: this.#at(at + 1), traceId, spanId });
    }
  }

  #at(index: number): number {
    return this.#numbers[index] ?? 0;
  }
}

// The length is what can be checked for nothing; the rest is left to whoever reads. Not every tracer's spans have ids.
function isSampled({ traceId, spanId, traceFlags }: Partial<ExemplarSpan>): boolean {
  return ((traceFlags ?? 0) & 1) === 1 && traceId?.length === 32 && spanId?.length === 16;
}
