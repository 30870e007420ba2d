// What is needed of prom-client (15) and @prometheus-io/client; structural, so that neither is a dependency.

/** A registry of prom-client or @prometheus-io/client. */
export interface PromClientRegistry {
  readonly contentType: string;
  getMetricsAsArray(): readonly object[];
  getSingleMetric(name: string): object | undefined;
  registerMetric(metric: object): void;
  removeSingleMetric(name: string): void;
}

/** One value of a metric, as its `get()` tells it. */
export interface RegistryValue {
  readonly value: number;
  readonly labels?: Readonly<Record<string, unknown>> | undefined;
  /** Of a histogram, in the form that its text is made of: the labels of all its buckets, always the same object. */
  readonly sharedLabels?: Readonly<Record<string, unknown>> | undefined;
  /** Where the sample is not called like the metric: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string | undefined;
  readonly exemplar?: RegistryExemplar | null | undefined;
}

/** An exemplar; `timestamp` is in seconds. */
export interface RegistryExemplar {
  readonly labelSet: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly timestamp: number;
}

/** A metric at one moment. */
export interface RegistryReading {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values?: readonly RegistryValue[];
  readonly aggregator?: string | undefined;
}

/** A metric of a registry. */
export interface RegistryMetric {
  get(): Promise<RegistryReading> | RegistryReading;
  /** The same with less work; histograms alone have it. */
  getForPromString?(): Promise<RegistryReading> | RegistryReading;
}

const METHODS = ['getMetricsAsArray', 'getSingleMetric', 'registerMetric', 'removeSingleMetric'] as const;

/** Whether `value` is a registry. */
export function isRegistry(value: unknown): value is PromClientRegistry {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function')
  );
}

/** Throws a TypeError unless `value` is a registry. */
export function checkRegistry(value: unknown): void {
  if (!isRegistry(value)) {
    throw new TypeError(
      `Expected \`registry\` to be a registry of prom-client, got \`${String(value)}\` (${typeof value})`,
    );
  }
}

/** Labels that a registry adds to every series that lacks them. */
export function defaultLabelsOf(registry: PromClientRegistry): Readonly<Record<string, unknown>> {
  // No public method tells them. The name is the same in prom-client since version 10 and in its successor.
  const { _defaultLabels: labels } = registry as { readonly _defaultLabels?: Readonly<Record<string, unknown>> };
  return labels ?? {};
}
