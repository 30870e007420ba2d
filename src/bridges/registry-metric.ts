// A metric of ours as prom-client's registries take one: its values are read when the registry asks.
import type { FigureSource } from '../figures.js';
import type { MetricDefinition } from '../metric-names.js';
import { markOwn } from '../own.js';
import { prometheusLabel, prometheusName, prometheusType } from '../prometheus/naming.js';
import type { SeriesDescription, SeriesExemplar, SeriesTable } from '../prometheus/snapshot.js';
import type {
  PromClientRegistry,
  RegistryExemplar,
  RegistryMetric,
  RegistryReading,
  RegistryValue,
} from './registry.js';

/** Ours, in a registry. */
export interface AddedMetric extends RegistryMetric {
  /** What the registry keeps it under. */
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** How prom-client joins those of several processes. */
  readonly aggregator: string;
  /** Does nothing: somebody else may read the same figures. */
  reset(): void;
}

/** Names that begin with this are ours alone. */
const OWN_PREFIX = 'loopsight_';
const OPENMETRICS = 'application/openmetrics-text';

/** Creates the metric of `definition` for `registry`. Its methods never throw, and show nothing where `figures` has none. */
export function createRegistryMetric(
  definition: MetricDefinition,
  registry: PromClientRegistry,
  figures: () => FigureSource | undefined,
): AddedMetric {
  const name = prometheusName(definition) ?? '';
  const { description: help } = definition;
  const type = prometheusType(definition.kind);
  const aggregator = aggregatorOf(definition);
  // The application may add a metric of a name that the conventions define after us, and must not be refused.
  const key = name.startsWith(OWN_PREFIX) ? name : `loopsight/${name}`;

  async function read(): Promise<RegistryReading> {
    const found = registry.getSingleMetric(name);
    if (found !== undefined && found !== metric) {
      // The header is written whatever is told here.
      const yielded = { name: `${OWN_PREFIX}yields_${name}`, help: `The application has ${name}.`, type: 'gauge' };
      return { ...yielded, aggregator: 'omit', values: [] };
    }
    const { tables, constantLabels } = (await figures()?.read()) ?? { tables: [], constantLabels: {} };
    const values = tables.flatMap((table) => valuesOf(table, definition.name, name, constantLabels));
    return { name, help, type, aggregator, values };
  }

  const metric: AddedMetric = {
    get name() {
      return key;
    },
    // For OpenMetrics a registry takes `_total` off the names of counters, on the metric itself.
    set name(_name) {},
    help,
    type,
    aggregator,
    get: read,
    async getForPromString() {
      const reading = await read();
      const isOpenMetrics = registry.contentType.startsWith(OPENMETRICS);
      // And adds it to their samples.
      return isOpenMetrics && type === 'counter' ? { ...reading, name: reading.name.replace(/_total$/, '') } : reading;
    },
    reset() {},
  };
  markOwn(metric);
  return metric;
}

// Times are the longest of any process and shares the highest; all else adds up.
function aggregatorOf({ kind, unit }: MetricDefinition): string {
  return kind === 'gauge' && (unit === 's' || unit === '1') ? 'max' : 'sum';
}

function valuesOf(
  table: SeriesTable,
  metric: string,
  name: string,
  constantLabels: Readonly<Record<string, string>>,
): RegistryValue[] {
  return [...table.families.values()]
    .filter(({ family }) => family.name === metric)
    .flatMap(({ series }) => [...series.values()])
    .flatMap((series) => {
      const labels = labelsOf(series, constantLabels);
      const exemplars = table.exemplarsOf(series.id);
      return series.family.bounds === undefined
        ? singleValueOf(labels, table.values[series.offset], exemplars?.[0])
        : histogramOf(series.family.bounds, table.values.subarray(series.offset), name, labels, exemplars);
    });
}

function singleValueOf(
  labels: Readonly<Record<string, string>>,
  value = Number.NaN,
  exemplar: SeriesExemplar | undefined,
): RegistryValue[] {
  return Number.isNaN(value) ? [] : [{ value, labels, exemplar: exemplarOf(exemplar) }];
}

function histogramOf(
  bounds: readonly number[],
  values: Float64Array,
  name: string,
  labels: Readonly<Record<string, string>>,
  exemplars: readonly (SeriesExemplar | undefined)[] = [],
): RegistryValue[] {
  let count = 0;
  const buckets = [...bounds, '+Inf'].map((le, bucket) => {
    count += values[bucket] ?? 0;
    const exemplar = exemplarOf(exemplars[bucket]);
    return { metricName: `${name}_bucket`, value: count, labels: { le, ...labels }, exemplar };
  });
  const sum = values[bounds.length + 1] ?? Number.NaN;
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: sum, labels: { ...labels } },
    { metricName: `${name}_count`, value: count, labels: { ...labels } },
  ];
}

function labelsOf({ attributes }: SeriesDescription, constants: Readonly<Record<string, string>>) {
  return { ...constants, ...Object.fromEntries(attributes.map(([key, value]) => [prometheusLabel(key), value])) };
}

function exemplarOf(exemplar: SeriesExemplar | undefined): RegistryExemplar | undefined {
  if (exemplar === undefined) return undefined;
  const { traceId, spanId, value, unixMs } = exemplar;
  return { labelSet: { trace_id: traceId, span_id: spanId }, value, timestamp: unixMs / 1000 };
}
