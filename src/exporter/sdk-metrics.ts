// What an OpenTelemetry SDK hands to a reader, as far as it is shown. Described here rather than imported, so that one
// package reads the 2.x and the 3.x line, and so that nothing but the exporter itself needs the SDK.

/** Seconds and nanoseconds since the Unix epoch. */
export type SdkTime = readonly [seconds: number, nanoseconds: number];

export interface SdkScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
  /** Not in the SDKs of today, but in the specification. */
  readonly attributes?: SdkAttributes | undefined;
}

export type SdkAttributes = Readonly<Record<string, unknown>>;

export interface SdkHistogram {
  readonly buckets: { readonly boundaries: readonly number[]; readonly counts: readonly number[] };
  /** Left out for instruments that go up and down. */
  readonly sum?: number | undefined;
}

/** Counts of neighbouring buckets; `offset` is the index of the first. */
export interface SdkExponentialBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

export interface SdkExponentialHistogram {
  readonly sum?: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: SdkExponentialBuckets;
  readonly negative: SdkExponentialBuckets;
}

export interface SdkPoint<V> {
  readonly startTime: SdkTime;
  readonly attributes: SdkAttributes;
  readonly value: V;
}

/** The SDK's `DataPointType`: the same numbers in both lines. */
export const POINT_TYPE = { histogram: 0, exponentialHistogram: 1, gauge: 2, sum: 3 } as const;

/** The SDK's `AggregationTemporality`. */
export const TEMPORALITY = { delta: 0, cumulative: 1 } as const;

export interface SdkMetric {
  readonly descriptor: { readonly name: string; readonly description: string; readonly unit: string };
  readonly aggregationTemporality: number;
  readonly dataPointType: number;
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly SdkPoint<unknown>[];
}

export interface SdkResource {
  readonly attributes: SdkAttributes;
  /** While some of its attributes are still being found out, reading them is an error in the SDK's log. */
  readonly asyncAttributesPending?: boolean | undefined;
}

/** One collection. */
export interface SdkCollection {
  readonly resourceMetrics: {
    readonly resource: SdkResource;
    readonly scopeMetrics: readonly { readonly scope: SdkScope; readonly metrics: readonly SdkMetric[] }[];
  };
  readonly errors: readonly unknown[];
}
