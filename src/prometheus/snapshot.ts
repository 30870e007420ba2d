// The seam between recording and exposing: what crosses from the instrumented thread to the serialisers.
import type { MetricKind } from '../metric-names.js';

/** What all series of one metric have in common. */
export interface FamilyDescription {
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly description: string;
  /** Upper bounds of a histogram's buckets, ascending, without +Inf. */
  readonly bounds?: readonly number[];
  /** The instrumentation scope, where it is known. */
  readonly scope?: { readonly name: string; readonly version?: string };
}

/** One series; crosses to the observer once, its values with every snapshot. */
export interface SeriesDescription {
  readonly id: number;
  readonly family: FamilyDescription;
  readonly attributes: readonly (readonly [key: string, value: string])[];
  /**
   * Where its values start in `Snapshot.values`: one value, or for a histogram the count of each bucket
   * (not cumulative, +Inf last) followed by the sum.
   */
  readonly offset: number;
  /** When the series began, in milliseconds since the Unix epoch. */
  readonly startUnixMs: number;
}

/** All values at one moment, and what changed about the series since the reader's last snapshot. */
export interface Snapshot {
  readonly unixMs: number;
  readonly added: readonly SeriesDescription[];
  readonly removed: readonly number[];
  /** NaN in the first value of a series means that it has none at present. */
  readonly values: Float64Array;
}

/** A family with its living series, in order of first appearance. */
export interface FamilyTable {
  readonly family: FamilyDescription;
  readonly series: Map<number, SeriesDescription>;
}

/** The receiving end: applies snapshots and keeps what they describe. */
export class SeriesTable {
  readonly families = new Map<string, FamilyTable>();
  #values: Float64Array = new Float64Array(0);
  #unixMs = Number.NaN;
  readonly #familyOf = new Map<number, FamilyTable>();

  get values(): Float64Array {
    return this.#values;
  }

  /** When the last snapshot was taken, in milliseconds since the Unix epoch; NaN before the first. */
  get unixMs(): number {
    return this.#unixMs;
  }

  apply(snapshot: Snapshot): void {
    for (const id of snapshot.removed) {
      const table = this.#familyOf.get(id);
      table?.series.delete(id);
      this.#familyOf.delete(id);
    }
    for (const series of snapshot.added) {
      const key = familyKey(series.family);
      let table = this.families.get(key);
      if (table === undefined) {
        table = { family: series.family, series: new Map() };
        this.families.set(key, table);
      }
      // A family that arrives again is a copy; one of them is enough, unless a view gave its series other buckets.
      const known = sameBounds(series.family.bounds, table.family.bounds);
      table.series.set(series.id, known ? { ...series, family: table.family } : series);
      this.#familyOf.set(series.id, table);
    }
    this.#values = snapshot.values;
    this.#unixMs = snapshot.unixMs;
  }
}

function familyKey(family: FamilyDescription): string {
  // Kind and unit as well: an SDK lets an application create two instruments of one name that differ in them.
  const { name, kind, unit, scope } = family;
  return `${name}\n${kind}\n${unit}\n${scope?.name ?? ''}\n${scope?.version ?? ''}`;
}

function sameBounds(some: readonly number[] | undefined, others: readonly number[] | undefined): boolean {
  return some?.length === others?.length && (some ?? []).every((bound, index) => bound === others?.[index]);
}
