// What a metric is.

/** The instruments of OpenTelemetry that a metric can be. */
export type MetricKind = 'counter' | 'updowncounter' | 'gauge' | 'histogram';

/** What a name promises: `stable` ones never change, `experimental` ones may in a minor version, with a note in the changelog. */
export type Stability = 'stable' | 'experimental';

/** A metric's name, unit, meaning and attributes. */
export interface MetricDefinition {
  readonly name: string;
  /** A UCUM unit; in braces where it only names what is counted. */
  readonly unit: string;
  readonly kind: MetricKind;
  readonly description: string;
  readonly attributes: readonly string[];
  readonly stability: Stability;
  /** Upper bounds of the buckets, in the metric's unit; histograms only. */
  readonly bounds?: readonly number[];
  /** Series beyond this number share one; SERIES_LIMIT_PER_METRIC where it is not given. */
  readonly seriesLimit?: number;
}

/** Series of one metric beyond this number share one that carries `otel.metric.overflow`: the specification's default. */
export const SERIES_LIMIT_PER_METRIC = 2000;

/** Bucket bounds of every latency histogram, in seconds. */
export const LATENCY_BOUNDS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
