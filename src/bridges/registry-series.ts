// The series of one metric of a prom-client registry: readings to values in slots, as a snapshot wants them.
import type { FamilyDescription, FamilyKind, SeriesDescription, SeriesExemplar } from '../prometheus/snapshot.js';
import type { Slot, Slots } from '../recorder/slots.js';
import type { RegistryExemplar, RegistryReading, RegistryValue } from './registry.js';
import { groupSamples, type Labels, pairsOf } from './registry-groups.js';

/** What changed since a reader's last snapshot; the series of all metrics write to it. */
export interface Changes {
  readonly added: SeriesDescription[];
  readonly removed: number[];
  readonly exemplars: SeriesExemplar[];
}

export interface MetricSeriesOptions {
  readonly slots: Slots;
  readonly nextId: () => number;
  /** Where changes are told; a new object after each snapshot. */
  readonly changes: () => Changes;
  readonly defaultLabels: Labels;
}

/** The living series of one metric. */
export interface MetricSeries {
  /** Takes what the metric tells; series that it does not speak of any more are removed. */
  take(reading: RegistryReading): void;
  clear(): void;
  readonly size: number;
}

interface Series {
  readonly key: string;
  readonly description: SeriesDescription;
  readonly slot: Slot;
  /** When the newest exemplar of each bucket was made. */
  readonly exemplarTimes: number[];
  /** The reading that spoke of it last. */
  seen: number;
}

const KINDS: readonly FamilyKind[] = ['counter', 'gauge', 'histogram', 'summary'];

/** Creates a metric without series. */
export function createMetricSeries({ slots, nextId, changes, defaultLabels }: MetricSeriesOptions): MetricSeries {
  const byKey = new Map<string, Series>();
  // A metric hands over the same object for a series at every reading, which saves making its key.
  let byLabels = new WeakMap<object, Series>();
  let family: FamilyDescription | undefined;
  let readings = 0;

  function knownSeries(labels: Labels, described: FamilyDescription | undefined): Series | undefined {
    const series = byLabels.get(labels);
    if (series === undefined || series.description.family !== described) return undefined;
    return byKey.get(series.key) === series ? series : undefined;
  }

  function seriesOf(labels: Labels, described: FamilyDescription, length: number): Series {
    let series = knownSeries(labels, described);
    if (series === undefined) {
      const attributes = pairsOf(labels, defaultLabels);
      const key = JSON.stringify(attributes);
      series = byKey.get(key);
      // Other buckets than before: other places for its values.
      if (series !== undefined && series.description.family !== described) {
        remove(series);
        series = undefined;
      }
      series ??= add(key, described, attributes, length);
      byLabels.set(labels, series);
    }
    series.seen = readings;
    return series;
  }

  function add(key: string, described: FamilyDescription, attributes: [string, string][], length: number): Series {
    const slot = slots.take(length);
    const { offset } = slot;
    const description = { id: nextId(), family: described, attributes, offset, startUnixMs: Number.NaN };
    const series = { key, description, slot, exemplarTimes: [], seen: 0 };
    byKey.set(key, series);
    changes().added.push(description);
    return series;
  }

  function remove({ key, description: { id }, slot }: Series): void {
    byKey.delete(key);
    slots.free(slot);
    const { added, removed } = changes();
    const unread = added.findIndex((other) => other.id === id);
    if (unread === -1) removed.push(id);
    else added.splice(unread, 1);
  }

  function tellExemplar(series: Series, bucket: number, exemplar: RegistryExemplar | null | undefined): void {
    if (exemplar === null || exemplar === undefined || series.exemplarTimes[bucket] === exemplar.timestamp) return;
    const { labelSet, value, timestamp } = exemplar;
    series.exemplarTimes[bucket] = timestamp;
    const labels = Object.entries(labelSet).map(([name, label]): [string, string] => [name, String(label)]);
    const { id } = series.description;
    changes().exemplars.push({ series: id, bucket, value, unixMs: timestamp * 1000, traceId: '', spanId: '', labels });
  }

  function familyOf(reading: RegistryReading, kind: FamilyKind, points: readonly number[]): FamilyDescription {
    // Only text may cross to another thread, and a registry takes anything.
    const [name, help] = [String(reading.name), String(reading.help)];
    const known = kind === 'histogram' ? family?.bounds : kind === 'summary' ? family?.quantiles : [];
    if (family?.name === name && family.kind === kind && family.description === help && areEqual(known, points)) {
      return family;
    }
    family = {
      name,
      unit: '',
      kind,
      description: help,
      ...(kind === 'histogram' ? { bounds: points } : kind === 'summary' ? { quantiles: points } : {}),
      isPrometheusName: true,
    };
    return family;
  }

  function takeValues(reading: RegistryReading, kind: FamilyKind): void {
    const described = familyOf(reading, kind, []);
    for (const { labels = {}, value, exemplar } of reading.values ?? []) {
      const series = seriesOf(labels, described, 1);
      series.slot.page[series.slot.index] = value;
      tellExemplar(series, 0, exemplar);
    }
  }

  /** Takes what can be taken without putting samples together: series that are known, in their order. Returns the others. */
  function takeKnown({ name, values = [] }: RegistryReading): readonly RegistryValue[] {
    const bounds = family?.name === name ? family.bounds : undefined;
    if (bounds === undefined) return values;
    const sumName = `${name}_sum`;
    const countName = `${name}_count`;
    const others: RegistryValue[] = [];
    let current: Labels | undefined;
    let series: Series | undefined;
    let bucket = 0;
    let below = 0;
    for (const sample of values) {
      const { sharedLabels, metricName, value, exemplar } = sample;
      if (sharedLabels === undefined) return values;
      if (sharedLabels !== current) {
        current = sharedLabels;
        series = knownSeries(current, family);
        bucket = 0;
        below = 0;
      }
      if (series === undefined) {
        others.push(sample);
        continue;
      }
      const { page, index } = series.slot;
      if (metricName === sumName) page[index + bounds.length + 1] = value;
      else if (metricName !== countName) {
        if (sample.labels?.le !== (bounds[bucket] ?? '+Inf')) return values;
        page[index + bucket] = value - below;
        below = value;
        tellExemplar(series, bucket, exemplar);
        bucket++;
      }
      series.seen = readings;
    }
    return others;
  }

  function takeHistogram(whole: RegistryReading): void {
    const reading = { ...whole, values: takeKnown(whole) };
    for (const { labels, points, sum, count } of groupSamples(reading, 'le')) {
      points.sort((one, other) => one.at - other.at);
      const bounds = points.filter(({ at }) => at !== Infinity);
      const described = familyOf(reading, 'histogram', boundsOf(bounds, family?.bounds));
      const series = seriesOf(labels, described, bounds.length + 2);
      const { page, index } = series.slot;
      let below = 0;
      bounds.forEach(({ value, exemplar }, bucket) => {
        page[index + bucket] = value - below;
        below = value;
        tellExemplar(series, bucket, exemplar);
      });
      page[index + bounds.length] = count - below;
      page[index + bounds.length + 1] = sum;
      tellExemplar(series, bounds.length, points.at(-1)?.at === Infinity ? points.at(-1)?.exemplar : undefined);
    }
  }

  function takeSummary(reading: RegistryReading): void {
    for (const { labels, points, sum, count } of groupSamples(reading, 'quantile')) {
      const described = familyOf(reading, 'summary', boundsOf(points, family?.quantiles));
      const { page, index } = seriesOf(labels, described, points.length + 2).slot;
      points.forEach(({ value }, position) => {
        page[index + position] = value;
      });
      page[index + points.length] = sum;
      page[index + points.length + 1] = count;
    }
  }

  return {
    take(reading) {
      readings++;
      const kind = KINDS.find((known) => known === reading.type) ?? 'gauge';
      if (kind === 'histogram') takeHistogram(reading);
      else if (kind === 'summary') takeSummary(reading);
      else takeValues(reading, kind);
      for (const series of byKey.values()) if (series.seen !== readings) remove(series);
    },
    clear() {
      for (const series of byKey.values()) remove(series);
      byLabels = new WeakMap();
    },
    get size() {
      return byKey.size;
    },
  };
}

function boundsOf(points: readonly { readonly at: number }[], known: readonly number[] = []): readonly number[] {
  const isKnown = points.length === known.length && points.every(({ at }, index) => at === known[index]);
  return isKnown ? known : points.map(({ at }) => at);
}

function areEqual(some: readonly number[] = [], others: readonly number[] = []): boolean {
  return some === others || (some.length === others.length && some.every((value, index) => value === others[index]));
}
