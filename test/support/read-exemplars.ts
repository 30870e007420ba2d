// The exemplars that a store tells of, by series: what a scraper would be shown.
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import type { Store } from '../../src/recorder/store.js';

/** One exemplar; `bucket` is the upper bound of its bucket, or `total` of a sum. */
export interface ReadExemplar {
  readonly series: string;
  readonly bucket: number | 'total';
  readonly value: number;
  readonly unixMs: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** Opens a reader of `store` that returns, at each call, every exemplar as of then. */
export function openExemplars(store: Store): () => readonly ReadExemplar[] {
  const reader = store.open();
  const table = new SeriesTable();
  return () => {
    table.apply(reader.read());
    return [...table.families.values()].flatMap(({ family, series }) =>
      [...series.values()].flatMap(({ id, attributes }) =>
        (table.exemplarsOf(id) ?? []).flatMap((exemplar, index): ReadExemplar[] => {
          if (exemplar === undefined) return [];
          const { value, unixMs, traceId, spanId } = exemplar;
          const pairs = attributes.map(([key, text]) => `${key}=${text}`).join(',');
          const bucket = family.bounds === undefined ? 'total' : (family.bounds[index] ?? Number.POSITIVE_INFINITY);
          return [{ series: `${family.name}{${pairs}}`, bucket, value, unixMs, traceId, spanId }];
        }),
      ),
    );
  };
}

/** The context of a span that is not there: its ids end in `number`. */
export function madeSpan(number: number, traceFlags = 1): ExemplarSpan {
  return {
    traceId: number.toString(16).padStart(32, '4'),
    spanId: number.toString(16).padStart(16, '5'),
    traceFlags,
  };
}
