// Builds tables of series as a snapshot would, from literal values.
import type { FamilyDescription, SeriesDescription } from '../../src/prometheus/snapshot.js';
import { SeriesTable } from '../../src/prometheus/snapshot.js';

/** A family and its series, in order: attributes, and one value, or counts of buckets followed by the sum. */
export type FamilyFixture = Partial<FamilyDescription> & {
  readonly name: string;
  /** @default 0, which is not known */
  readonly startUnixMs?: number;
  readonly series: readonly (readonly [attributes: Readonly<Record<string, string>>, ...values: number[]])[];
};

/** A table that one snapshot with all of `fixtures` was applied to. */
export function tableOf(...fixtures: readonly FamilyFixture[]): SeriesTable {
  const added: SeriesDescription[] = [];
  const all: number[] = [];
  for (const { series, startUnixMs = 0, ...described } of fixtures) {
    const family: FamilyDescription = { unit: '', kind: 'gauge', description: 'A description.', ...described };
    for (const [attributes, ...values] of series) {
      added.push({
        id: added.length,
        family,
        attributes: Object.entries(attributes),
        offset: all.length,
        startUnixMs,
      });
      all.push(...values);
    }
  }
  const table = new SeriesTable();
  table.apply({ unixMs: 0, added, removed: [], values: Float64Array.from(all) });
  return table;
}
