// One metric of an SDK: its points become series that keep their ids from one collection to the next.
import type { MetricKind } from '../metric-names.js';
import type { FamilyDescription } from '../prometheus/snapshot.js';
import { type AttributePairs, pairsOf } from './attributes.js';
import { createPointWriter } from './point-values.js';
import type { SdkAttributes, SdkMetric, SdkPoint, SdkTime } from './sdk-metrics.js';
import type { LedgerSeries, SeriesLedger } from './series-ledger.js';

/** The attribute of the series that all series beyond the limit share. */
const OVERFLOW = 'otel.metric.overflow';

export interface MetricStreamOptions {
  readonly ledger: SeriesLedger;
  readonly kind: MetricKind;
  /** What its series have in common; bounds of buckets are added. */
  readonly family: FamilyDescription;
  /** The type of its points, one of POINT_TYPE. */
  readonly pointType: number;
  /** Series beyond this number share one. */
  readonly limit: number;
}

/** The series of one metric. */
export interface MetricStream {
  /** Takes the values of one collection; series that are not in it are removed. */
  write(metric: SdkMetric): void;
  /** Removes all series. */
  close(): void;
  /** How many points of the last collection are beyond the limit. */
  readonly overflowing: number;
}

interface Entry {
  readonly series: LedgerSeries;
  readonly key: string;
  /** The time that the SDK gave; the same object at each collection for as long as the series goes on. */
  start: SdkTime;
  /** The last collection that it was in. */
  round: number;
}

/** Creates the stream of a metric; it has no series yet. */
export function createMetricStream({ ledger, kind, family, pointType, limit }: MetricStreamOptions): MetricStream {
  const values = createPointWriter(pointType);
  const entries = new Set<Entry>();
  const byKey = new Map<string, Entry>();
  // An SDK gives the points of a metric in the same order each time, with the same attribute objects: then a series is
  // found by its position, and no text is made of its attributes.
  const entryAt: Entry[] = [];
  const attributesAt: SdkAttributes[] = [];
  let described = describe();
  let overflow: Entry | undefined;
  let overflowing = 0;
  let round = 0;
  let scratch = new Float64Array(0);

  function describe(): FamilyDescription {
    const { bounds, hasSum } = values;
    return { ...family, ...(bounds === undefined ? {} : { bounds }), ...(hasSum ? {} : { hasSum }) };
  }

  function add(key: string, pairs: AttributePairs, start: SdkTime): Entry {
    const entry = { series: ledger.add(described, pairs, unixMsOf(start), values.length), key, start, round: 0 };
    entries.add(entry);
    if (!byKey.has(key)) byKey.set(key, entry);
    return entry;
  }

  function remove(entry: Entry): void {
    ledger.remove(entry.series);
    entries.delete(entry);
    if (byKey.get(entry.key) === entry) byKey.delete(entry.key);
    if (entry === overflow) overflow = undefined;
  }

  function close(): void {
    for (const entry of entries) remove(entry);
    entryAt.length = 0;
    attributesAt.length = 0;
  }

  /** The series of a point that is new, or not where it was. */
  function place({ attributes, startTime }: SdkPoint<unknown>): Entry {
    if (attributes[OVERFLOW] !== true) {
      const pairs = pairsOf(attributes);
      const key = JSON.stringify(pairs);
      const known = byKey.get(key);
      // An application that reuses one object for several series leaves all of them with its last content: they are
      // shown as what they are, equal, and the serialiser says so.
      if (known !== undefined) return known.round === round ? add(key, pairs, startTime) : known;
      const named = entries.size - (overflow === undefined ? 0 : 1);
      if (named < limit) return add(key, pairs, startTime);
    }
    overflow ??= add(OVERFLOW, [[OVERFLOW, 'true']], startTime);
    return overflow;
  }

  function find(position: number, point: SdkPoint<unknown>): Entry {
    let entry = entryAt[position];
    if (entry === undefined || attributesAt[position] !== point.attributes) {
      entry = place(point);
      entryAt[position] = entry;
      attributesAt[position] = point.attributes;
    }
    // When a gauge began means nothing, and an overflow series begins with the first of those that share it.
    if (entry.start !== point.startTime && entry !== overflow && kind !== 'gauge') {
      entry.start = point.startTime;
      if (entry.series.description.startUnixMs !== unixMsOf(point.startTime)) {
        remove(entry);
        entry = add(entry.key, entry.series.description.attributes, point.startTime);
        entryAt[position] = entry;
      }
    }
    return entry;
  }

  // What shares the overflow series adds up; of gauges the last one shows.
  function writeOverflow(
    { series: { slot }, round: lastRound }: Entry,
    { value, attributes }: SdkPoint<unknown>,
  ): void {
    if (attributes[OVERFLOW] !== true) overflowing++;
    if (lastRound !== round || kind === 'gauge') {
      values.write(value, slot.page, slot.index);
      return;
    }
    if (scratch.length < values.length) scratch = new Float64Array(values.length);
    values.write(value, scratch, 0);
    for (let i = 0; i < values.length; i++) {
      slot.page[slot.index + i] = (slot.page[slot.index + i] ?? 0) + (scratch[i] ?? 0);
    }
  }

  return {
    get overflowing() {
      return overflowing;
    },
    write({ dataPoints }) {
      round++;
      overflowing = 0;
      if (values.adopt(dataPoints)) {
        close();
        described = describe();
      }
      let shown = 0;
      for (let i = 0; i < dataPoints.length; i++) {
        // biome-ignore lint/style/noNonNullAssertion: the loop ends with the last point.
        const point = dataPoints[i]!;
        const entry = find(i, point);
        if (entry === overflow) writeOverflow(entry, point);
        else values.write(point.value, entry.series.slot.page, entry.series.slot.index);
        if (entry.round !== round) shown++;
        entry.round = round;
      }
      entryAt.length = dataPoints.length;
      attributesAt.length = dataPoints.length;
      if (shown === entries.size) return;
      for (const entry of entries) if (entry.round !== round) remove(entry);
    },
    close,
  };
}

function unixMsOf([seconds, nanoseconds]: SdkTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
