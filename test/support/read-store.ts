// What a store says at one moment, as a flat map: `name{key=value,key=value}` to the value.
import { SeriesTable } from '../../src/prometheus/snapshot.js';
import type { Store } from '../../src/recorder/store.js';

/**
 * Collects `store` and returns every series that has a value, attributes sorted by key; a series without attributes has
 * no braces. A histogram gives `name.count{…}` and `name.sum{…}`.
 */
export function readStore(store: Store): Readonly<Record<string, number>> {
  const reader = store.open();
  const table = new SeriesTable();
  table.apply(reader.read());
  reader.close();
  const read: Record<string, number> = {};
  for (const { family, series } of table.families.values()) {
    for (const { attributes, offset } of series.values()) {
      const pairs = attributes.map(([key, value]) => `${key}=${value}`).join(',');
      const labels = pairs === '' ? '' : `{${pairs}}`;
      if (family.bounds === undefined) {
        const value = table.values[offset] ?? Number.NaN;
        if (!Number.isNaN(value)) read[`${family.name}${labels}`] = value;
        continue;
      }
      const end = offset + family.bounds.length + 1;
      read[`${family.name}.count${labels}`] = table.values.subarray(offset, end).reduce((sum, count) => sum + count, 0);
      read[`${family.name}.sum${labels}`] = table.values[end] ?? Number.NaN;
    }
  }
  return read;
}

/** For the `report` of a store or monitor that must not fail: the test does. */
export function rethrow(...args: readonly unknown[]): never {
  throw args.at(-1);
}
