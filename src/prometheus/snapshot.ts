// The seam between recording and exposing: what crosses from the instrumented thread to the serialisers.
import type { MetricKind } from '../metric-names.js';

/** What a family can be: an instrument of ours, or a summary of a prom-client registry. */
export type FamilyKind = MetricKind | 'summary';

/** What all series of one metric have in common. */
export interface FamilyDescription {
  readonly name: string;
  readonly unit: string;
  readonly kind: FamilyKind;
  readonly description: string;
  /** Upper bounds of a histogram's buckets, ascending, without +Inf. */
  readonly bounds?: readonly number[];
  /** The quantiles of a summary. */
  readonly quantiles?: readonly number[];
  /** False for histograms of what goes up and down: their sum is left out, and NaN in snapshots. @default true */
  readonly hasSum?: boolean;
  /** The instrumentation scope, where it is known. */
  readonly scope?: Scope;
  /** Whether `name` and the keys of attributes are Prometheus' already and stay what they are. @default false */
  readonly isPrometheusName?: boolean;
}

/** An instrumentation scope, as OpenTelemetry describes it. */
export interface Scope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
  readonly attributes?: readonly (readonly [key: string, value: string])[];
}

/** One series; crosses to the observer once, its values with every snapshot. */
export interface SeriesDescription {
  readonly id: number;
  readonly family: FamilyDescription;
  readonly attributes: readonly (readonly [key: string, value: string])[];
  /**
   * Where its values start in `Snapshot.values`: one value, or for a histogram the count of each bucket
   * (not cumulative, +Inf last) followed by the sum, or for a summary each quantile, the sum and the count.
   */
  readonly offset: number;
  /** When the series began, in milliseconds since the Unix epoch. */
  readonly startUnixMs: number;
}

/** One measurement and the span that it was made in: it leads from a number to a trace. */
export interface SeriesExemplar {
  /** Id of the series. */
  readonly series: number;
  /** Index of the bucket that `value` fell into; 0 for sums. */
  readonly bucket: number;
  readonly value: number;
  readonly unixMs: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Labels that are shown in place of the two ids: those of a prom-client registry are the application's own. */
  readonly labels?: readonly (readonly [key: string, value: string])[];
}

/** Whom the figures are about, where that is known only with them. */
export interface Target {
  /** What `target_info` shows. */
  readonly resource: Readonly<Record<string, string>>;
  /** Labels of every series, by label name; attributes win over them. */
  readonly constantLabels: Readonly<Record<string, string>>;
}

/** All values at one moment, and what changed about the series since the reader's last snapshot. */
export interface Snapshot {
  readonly unixMs: number;
  readonly added: readonly SeriesDescription[];
  readonly removed: readonly number[];
  /** NaN in the first value of a series means that it has none at present. */
  readonly values: Float64Array;
  /** Exemplars that are new since the reader's last snapshot. */
  readonly exemplars?: readonly SeriesExemplar[];
  /** When it changed since the reader's last snapshot. */
  readonly target?: Target;
}

/** A family with its living series, in order of first appearance. */
export interface FamilyTable {
  readonly family: FamilyDescription;
  readonly series: ReadonlyMap<number, SeriesDescription>;
  /** The same series, in an array that stays the same until one comes or goes. */
  readonly list: readonly SeriesDescription[];
}

class LivingFamily implements FamilyTable {
  readonly family: FamilyDescription;
  readonly series = new Map<number, SeriesDescription>();
  #list: readonly SeriesDescription[] | undefined;
  constructor(family: FamilyDescription) {
    this.family = family;
  }
  get list(): readonly SeriesDescription[] {
    this.#list ??= [...this.series.values()];
    return this.#list;
  }
  add(series: SeriesDescription): void {
    this.series.set(series.id, series);
    this.#list = undefined;
  }
  remove(id: number): void {
    this.series.delete(id);
    this.#list = undefined;
  }
}

/** The receiving end: applies snapshots and keeps what they describe. */
export class SeriesTable {
  readonly #families = new Map<string, LivingFamily>();
  #values: Float64Array = new Float64Array(0);
  #unixMs = Number.NaN;
  #target: Target | undefined;
  readonly #familyOf = new Map<number, LivingFamily>();
  readonly #exemplars = new Map<number, (SeriesExemplar | undefined)[]>();

  /** By a key of their own. */
  get families(): ReadonlyMap<string, FamilyTable> {
    return this.#families;
  }

  get values(): Float64Array {
    return this.#values;
  }

  /** When the last snapshot was taken, in milliseconds since the Unix epoch; NaN before the first. */
  get unixMs(): number {
    return this.#unixMs;
  }

  /** Whom the figures are about; undefined where snapshots do not tell. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** The newest exemplar of each bucket of a series, by the bucket's index. */
  exemplarsOf(id: number): readonly (SeriesExemplar | undefined)[] | undefined {
    return this.#exemplars.get(id);
  }

  apply(snapshot: Snapshot): void {
    for (const id of snapshot.removed) {
      this.#exemplars.delete(id);
      this.#familyOf.get(id)?.remove(id);
      this.#familyOf.delete(id);
    }
    for (const series of snapshot.added) {
      const key = familyKey(series.family);
      let table = this.#families.get(key);
      // All series of a metric begin anew where its buckets change.
      if (table === undefined || table.series.size === 0) {
        table = new LivingFamily(series.family);
        this.#families.set(key, table);
      }
      // A family that arrives again is a copy; one of them is enough, unless a view gave its series other buckets.
      const known = sameBounds(series.family.bounds, table.family.bounds);
      table.add(known ? { ...series, family: table.family } : series);
      this.#familyOf.set(series.id, table);
    }
    for (const exemplar of snapshot.exemplars ?? []) this.#keep(exemplar);
    this.#values = snapshot.values;
    this.#unixMs = snapshot.unixMs;
    this.#target = snapshot.target ?? this.#target;
  }

  #keep(exemplar: SeriesExemplar): void {
    const { series, bucket } = exemplar;
    if (!this.#familyOf.has(series)) return;
    let kept = this.#exemplars.get(series);
    if (kept === undefined) {
      kept = [];
      this.#exemplars.set(series, kept);
    }
    kept[bucket] = exemplar;
  }
}

function familyKey(family: FamilyDescription): string {
  // Kind and unit as well: an SDK lets an application create two instruments of one name that differ in them.
  const { name, kind, unit, scope, isPrometheusName } = family;
  return JSON.stringify([
    name,
    kind,
    unit,
    isPrometheusName,
    scope?.name,
    scope?.version,
    scope?.schemaUrl,
    scope?.attributes,
  ]);
}

function sameBounds(some: readonly number[] | undefined, others: readonly number[] | undefined): boolean {
  return some?.length === others?.length && (some ?? []).every((bound, index) => bound === others?.[index]);
}
