// Series as promtool's unit tests take them, named as a set names them.
import type { MetricSet, Suffix } from '../../../grafana/sets.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from '../../../src/metric-names.js';

export interface InputSeries {
  readonly series: string;
  /** In promtool's notation, one value a minute. */
  readonly values: string;
}

export type Labels = Readonly<Record<string, string>>;

/** Every series has a value each minute for so long; longer than any alert waits. */
const MINUTES = 300;

const TARGET: Labels = { job: 'shop', instance: 'web-1:9464' };

/** Makes series of one job, `shop`. */
export interface SeriesBuilder {
  readonly set: MetricSet;
  /** A counter (or a part of a histogram) that grows by so much a second. */
  counter(metric: MetricDefinition, perS: number, labels?: Labels, suffix?: Suffix): InputSeries;
  gauge(metric: MetricDefinition, value: number, labels?: Labels): InputSeries;
  /** Anything else. */
  series(name: string, labels: Labels, values: string): InputSeries;
  /** A histogram: by upper bound, how many a second are in that bucket alone. */
  histogram(metric: MetricDefinition, perS: Readonly<Record<string, number>>, labels?: Labels): readonly InputSeries[];
}

export function createSeriesBuilder(set: MetricSet): SeriesBuilder {
  const written = (labels: Labels) =>
    Object.entries(labels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ');
  const series = (name: string, labels: Labels, values: string) => ({
    series: `${name}{${written({ ...TARGET, ...labels })}}`,
    values,
  });
  const growing = (perS: number) => `0+${Number((perS * 60).toPrecision(9))}x${MINUTES}`;
  return {
    set,
    series,
    counter: (metric, perS, labels = {}, suffix = '') => series(set.nameOf(metric, suffix), labels, growing(perS)),
    gauge: (metric, value, labels = {}) => series(set.nameOf(metric), labels, `${value}x${MINUTES}`),
    histogram(metric, perS, labels = {}) {
      let cumulative = 0;
      const buckets = [...LATENCY_BOUNDS_S.map(String), '+Inf'].map((le) => {
        cumulative += perS[le] ?? 0;
        return series(set.nameOf(metric, '_bucket'), { ...labels, le }, growing(cumulative));
      });
      return [...buckets, series(set.nameOf(metric, '_count'), labels, growing(cumulative))];
    },
  };
}
