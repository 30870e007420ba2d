// The three ways in which Loopsight's metrics reach Prometheus, each with names and labels of its own.
import { METRICS, type MetricDefinition } from '../src/metric-names.js';
import { prometheusName } from '../src/prometheus/naming.js';
import { TRANSLATIONS } from '../src/prometheus/translation.js';

/** Which exporter, or receiver, names the metrics. */
export type MetricSetId = 'loopsight' | 'opentelemetry-exporter' | 'otlp';

/** The parts of a histogram; empty for everything else. */
export type Suffix = '' | '_bucket' | '_sum' | '_count';

/** How the metrics of a set are named, and where the version of their service stands. */
export interface MetricSet {
  readonly id: MetricSetId;
  /** The set in words, for titles. */
  readonly title: string;
  /** The metric's Prometheus name. Throws a TypeError where it has none. */
  readonly nameOf: (metric: MetricDefinition, suffix?: Suffix) => string;
  /** `label`: `service_version` is on every series; `target_info`: it has to be joined from there by job and instance. */
  readonly version: 'label' | 'target_info';
  /** Whether the metric ever arrives this way. */
  readonly has: (metric: MetricDefinition) => boolean;
  /** Whether the lag of worker threads is among that of loops. */
  readonly workerLag: boolean;
}

/** What the observer and the endpoint tell of themselves, or count beside the main thread: no SDK can take it (docs/adopt.md). */
const ONLY_OURS: ReadonlySet<string> = new Set([
  METRICS.eventLoopBlocked.name,
  METRICS.threadCpuWaitTime.name,
  METRICS.threadPoolOldestAge.name,
  METRICS.threadPoolWait.name,
  METRICS.workerReportAge.name,
  METRICS.workerStates.name,
  ...Object.values(METRICS)
    .map(({ name }) => name)
    .filter((name) => /^loopsight\.(self|group|worker\.message)/.test(name)),
]);

/** `loopsight/register` and `loopsight/exporter` with `service.version` as a label. */
const loopsight: MetricSet = {
  id: 'loopsight',
  title: 'Loopsight',
  nameOf: (metric, suffix = '') => named(prometheusName(metric), metric, suffix),
  version: 'label',
  has: () => true,
  workerLag: true,
};

/** `@opentelemetry/exporter-prometheus`, which leaves units out of names. */
const openTelemetryExporter: MetricSet = {
  id: 'opentelemetry-exporter',
  title: "OpenTelemetry's exporter",
  nameOf: (metric, suffix = '') => named(withoutUnit(metric), metric, suffix),
  version: 'target_info',
  has: isNotOnlyOurs,
  workerLag: false,
};

/** Prometheus' receiver of OTLP. */
const otlp: MetricSet = {
  id: 'otlp',
  title: 'OTLP',
  nameOf: loopsight.nameOf,
  version: 'target_info',
  has: isNotOnlyOurs,
  workerLag: false,
};

/** Every set, by id. */
export const METRIC_SETS: Readonly<Record<MetricSetId, MetricSet>> = {
  loopsight,
  'opentelemetry-exporter': openTelemetryExporter,
  otlp,
};

function isNotOnlyOurs({ name }: MetricDefinition): boolean {
  return !ONLY_OURS.has(name);
}

function withoutUnit(metric: MetricDefinition): string | undefined {
  const name = prometheusName(metric, { ...TRANSLATIONS.UnderscoreEscapingWithSuffixes, suffixes: false });
  return metric.kind === 'counter' ? `${name}_total` : name;
}

function named(name: string | undefined, metric: MetricDefinition, suffix: Suffix): string {
  if (name === undefined) throw new TypeError(`Expected ${metric.name} to have a Prometheus name`);
  return `${name}${suffix}`;
}
