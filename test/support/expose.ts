// An exposition as one text, for tests.
import { type SerializeOptions, type Source, serialize } from '../../src/prometheus/serialize.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';

/** Serialises tables, or sources with labels of their own, in the text format or the one of `options`. */
export function expose(sources: readonly (SeriesTable | Source)[], options?: SerializeOptions): string {
  return [
    ...serialize(
      sources.map((source) => (source instanceof SeriesTable ? { table: source } : source)),
      options,
    ),
  ].join('');
}
