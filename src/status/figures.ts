// One or two scrapes as the rules read them: gauges as of now, counters and histograms over the time between, or since start.
import type { MetricDefinition } from '../metric-names.js';
import { METRICS } from '../metric-names.js';
import { prometheusLabel } from '../prometheus/naming.js';
import type { ParsedMetrics } from '../prometheus/parse.js';
import { exposedNames } from './names.js';
import type { Distribution } from './quantile.js';
import { duration } from './wording.js';

/** The time that a figure speaks of: `interval` between two scrapes, `lifetime` of the process, `now`. */
export type Period = 'interval' | 'lifetime' | 'now';

/** A figure of the series that share some labels. */
export interface Figure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A histogram of the series that share some labels, over one period. */
export interface HistogramFigure extends Distribution {
  readonly labels: Readonly<Record<string, string>>;
  readonly period: 'interval' | 'lifetime';
}

/** Figures that are closer together than this are the same ones. */
const MINIMUM_APART_S = 0.1;

/** Two scrapes of one process, or one. */
export interface Scrapes {
  readonly now: ParsedMetrics;
  readonly before?: ParsedMetrics | undefined;
  /** Seconds from `before` to `now`. */
  readonly elapsedS?: number | undefined;
}

/** Looks figures up by metric; series are added up over the labels that are not asked for. */
export interface Figures {
  /**
   * Seconds between the figures of the two scrapes, in tenths; undefined when there is one scrape, when the process was
   * started anew between them, or when both show the same figures because the loop is blocked.
   */
  readonly elapsedS: number | undefined;
  /** The name of `metric` as it is exposed here. */
  nameOf(metric: MetricDefinition): string;
  gauges(metric: MetricDefinition, attributes: readonly string[]): Figure[];
  /** A gauge as it was at the first scrape. */
  gaugesBefore(metric: MetricDefinition, attributes: readonly string[]): Figure[];
  /** The growth between the scrapes or since start; series that went back are left out. */
  counters(metric: MetricDefinition, attributes: readonly string[], period: 'interval' | 'lifetime'): Figure[];
  /** How many values histograms recorded between the scrapes or since start. */
  counts(metric: MetricDefinition, attributes: readonly string[], period: 'interval' | 'lifetime'): Figure[];
  /** Between the scrapes where at least `minimum` values were recorded there, else since start. */
  histograms(metric: MetricDefinition, attributes: readonly string[], minimum: number): HistogramFigure[];
  /** The words for a period, such as `in the last 2 s`. */
  phrase(period: Period): string;
}

/** Indexes scrapes for the rules. */
export function createFigures({ now, before, elapsedS }: Scrapes): Figures {
  const samples = indexSamples(now);
  const nameOf = (metric: MetricDefinition) => {
    const names = exposedNames(metric);
    return names.find((name) => samples.has(name) || samples.has(`${name}_bucket`)) ?? names[0];
  };
  const uptime = nameOf(METRICS.processUptime);
  const earlier = before === undefined ? undefined : indexSamples(before);
  // A process that was started anew counts from zero again, so there is nothing to subtract.
  const restarted = only(earlier, uptime, 0) > only(samples, uptime, Number.POSITIVE_INFINITY);
  // While a loop is blocked its figures stay as they were, so the time between them is not that between the scrapes.
  const age = nameOf(METRICS.selfSnapshotAge);
  const apart = (elapsedS ?? 0) + only(earlier, age, 0) - only(samples, age, 0);
  const elapsed =
    restarted || earlier === undefined || apart < MINIMUM_APART_S ? undefined : Math.round(apart * 10) / 10;
  const first = elapsed === undefined ? undefined : earlier;

  const counters = (name: string, keys: readonly string[], period: 'interval' | 'lifetime'): Figure[] => {
    const total = sumBy(samples.get(name) ?? [], keys);
    if (period === 'lifetime') return [...total.values()];
    if (first === undefined) return [];
    const start = sumBy(first.get(name) ?? [], keys);
    return [...total]
      .map(([key, { labels, value }]) => ({ labels, value: value - (start.get(key)?.value ?? 0) }))
      .filter(({ value }) => value >= 0);
  };

  // Several rules ask for the same ones, and to put buckets together is most of the work.
  const made = new Map<string, ReadonlyMap<string, HistogramFigure>>();
  const distributions = (name: string, keys: readonly string[], period: 'interval' | 'lifetime') => {
    const asked = JSON.stringify([name, keys, period]);
    const known = made.get(asked) ?? addUp(name, keys, period);
    made.set(asked, known);
    return known;
  };
  const addUp = (
    name: string,
    keys: readonly string[],
    period: 'interval' | 'lifetime',
  ): ReadonlyMap<string, HistogramFigure> => {
    const found = new Map<
      string,
      { labels: Readonly<Record<string, string>>; buckets: { bound: number; count: number }[] }
    >();
    for (const { labels, value } of counters(`${name}_bucket`, [...keys, 'le'], period)) {
      const { le } = labels;
      const bound = parseBound(le);
      if (Number.isNaN(bound)) continue;
      const own = pick(labels, keys);
      const key = keyOf(own, keys);
      const entry = found.get(key) ?? { labels: own, buckets: [] };
      entry.buckets.push({ bound, count: value });
      found.set(key, entry);
    }
    const sums = new Map(
      counters(`${name}_sum`, keys, period).map(({ labels, value }) => [keyOf(labels, keys), value]),
    );
    return new Map(
      [...found].map(([key, { labels, buckets }]) => {
        buckets.sort((a, b) => a.bound - b.bound);
        return [key, { labels, period, count: buckets.at(-1)?.count ?? 0, sum: sums.get(key) ?? 0, buckets }] as const;
      }),
    );
  };

  return {
    elapsedS: elapsed,
    nameOf,
    gauges: (metric, attributes) => gauges(samples, nameOf(metric), attributes),
    gaugesBefore: (metric, attributes) => (first === undefined ? [] : gauges(first, nameOf(metric), attributes)),
    counters: (metric, attributes, period) => counters(nameOf(metric), attributes.map(prometheusLabel), period),
    counts: (metric, attributes, period) =>
      counters(`${nameOf(metric)}_count`, attributes.map(prometheusLabel), period),
    histograms(metric, attributes, minimum) {
      const keys = attributes.map(prometheusLabel);
      const lately = distributions(nameOf(metric), keys, 'interval');
      return [...distributions(nameOf(metric), keys, 'lifetime')].map(([key, lifetime]) => {
        const interval = lately.get(key);
        return interval !== undefined && interval.count >= minimum ? interval : lifetime;
      });
    },
    phrase(period) {
      if (period === 'now') return 'right now';
      return period === 'interval' && elapsed !== undefined ? `in the last ${duration(elapsed)}` : 'since start';
    },
  };
}

/** The label of `figure` for an attribute; empty where it has none. */
export function labelOf({ labels }: { readonly labels: Readonly<Record<string, string>> }, attribute: string): string {
  return labels[prometheusLabel(attribute)] ?? '';
}

function only(index: Map<string, Sample[]> | undefined, name: string, otherwise: number): number {
  return index?.get(name)?.[0]?.value ?? otherwise;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

// By the sample's name, not the family's: OpenMetrics families lack the `_total` that their samples have.
function indexSamples(metrics: ParsedMetrics): Map<string, Sample[]> {
  const index = new Map<string, Sample[]>();
  for (const family of metrics.families.values()) {
    for (const { name, labels, value } of family.samples) {
      if (!Number.isFinite(value)) continue;
      const list = index.get(name);
      if (list === undefined) index.set(name, [{ labels, value }]);
      else list.push({ labels, value });
    }
  }
  return index;
}

function gauges(index: Map<string, Sample[]>, name: string, attributes: readonly string[]): Figure[] {
  return [...sumBy(index.get(name) ?? [], attributes.map(prometheusLabel)).values()];
}

function sumBy(samples: readonly Sample[], keys: readonly string[]): Map<string, Figure> {
  const groups = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>();
  for (const { labels, value } of samples) {
    const key = keyOf(labels, keys);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: pick(labels, keys), value });
    else group.value += value;
  }
  return groups;
}

function keyOf(labels: Readonly<Record<string, string>>, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => labels[key] ?? ''));
}

function pick(labels: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.filter((key) => labels[key] !== undefined).map((key) => [key, labels[key] ?? '']));
}

function parseBound(le: string | undefined): number {
  if (le === '+Inf') return Number.POSITIVE_INFINITY;
  return le === undefined || le.trim() === '' ? Number.NaN : Number(le);
}
