// All metrics of an SDK: finds the stream of each, by the SDK's own objects where they are the same at each collection.
import { ATTRIBUTES, METRICS, type MetricKind } from '../metric-names.js';
import type { Scope } from '../prometheus/snapshot.js';
import { VERSION } from '../version.js';
import { pairsOf } from './attributes.js';
import { createMetricStream, type MetricStream } from './metric-stream.js';
import { POINT_TYPE, type SdkMetric, type SdkPoint, type SdkScope, type SdkTime, TEMPORALITY } from './sdk-metrics.js';
import type { SdkSnapshotsOptions } from './sdk-snapshots.js';
import type { SeriesLedger } from './series-ledger.js';

export interface MetricStreamsOptions extends Omit<SdkSnapshotsOptions, 'collect' | 'describeTarget'> {
  readonly ledger: SeriesLedger;
}

/** The streams of all metrics. */
export interface MetricStreams {
  /** Takes the values of one collection; metrics that are not in it are removed. */
  write(scopes: readonly { readonly scope: SdkScope; readonly metrics: readonly SdkMetric[] }[]): void;
}

interface Known {
  readonly stream: MetricStream;
  scope: Scope;
  readonly name: string;
  readonly limit: number;
  /** The last collection that it was in. */
  round: number;
  dropped: SdkPoint<number> | undefined;
}

const SELF_SCOPE: SdkScope = { name: 'loopsight', version: VERSION };

/** Creates the streams; there are none yet. */
export function createMetricStreams(options: MetricStreamsOptions): MetricStreams {
  const { clock, ledger, prefix, units, limitOf, onOverflow, report } = options;
  /** Those that are alike together: two views may well give two metrics that differ in nothing. */
  const streams = new Map<string, Known[]>();
  const byDescriptor = new WeakMap<object, Known>();
  const scopes = new WeakMap<SdkScope, Scope>();
  let round = 0;

  function scopeOf(scope: SdkScope): Scope {
    let described = scopes.get(scope);
    if (described === undefined) {
      described = describeScope(scope);
      scopes.set(scope, described);
    }
    return described;
  }

  function find(scope: SdkScope, metric: SdkMetric, kind: MetricKind): Known {
    const described = scopeOf(scope);
    const remembered = byDescriptor.get(metric.descriptor);
    if (remembered?.round === round - 1 && remembered.scope === described) return remembered;
    const { name, unit, description } = metric.descriptor;
    const key = JSON.stringify([described, name, unit, kind, metric.dataPointType]);
    // The same metric under a new descriptor.
    const alike = streams.get(key) ?? [];
    let known = alike.find((other) => other.round !== round);
    if (known === undefined) {
      const isOurs = scope === SELF_SCOPE;
      const limit = limitOf(name);
      const family = {
        name: prefix === '' || isOurs ? name : `${prefix}_${name}`,
        unit: units || isOurs ? unit : '',
        kind,
        description,
        scope: described,
      };
      const stream = createMetricStream({ ledger, kind, family, pointType: metric.dataPointType, limit });
      known = { stream, scope: described, name, limit, round: 0, dropped: undefined };
      streams.set(key, [...alike, known]);
    }
    known.scope = described;
    byDescriptor.set(metric.descriptor, known);
    return known;
  }

  function write(scope: SdkScope, metric: SdkMetric): void {
    const kind = kindOf(metric);
    const { name } = metric.descriptor;
    if (kind === undefined) {
      report('a metric of an unknown type cannot be shown', new Error(name));
    } else if (metric.aggregationTemporality === TEMPORALITY.delta && kind !== 'gauge') {
      report('a metric with delta temporality cannot be shown', new Error(name));
    } else {
      const known = find(scope, metric, kind);
      known.stream.write(metric);
      known.round = round;
      if (known.stream.overflowing > 0) noteOverflow(known);
    }
  }

  // MetricProducers are the application's own: a metric that is not what it should be must not hide all others.
  function tryToWrite(scope: SdkScope, metric: SdkMetric): void {
    try {
      write(scope, metric);
    } catch (error) {
      report('a metric cannot be shown', error);
    }
  }

  /** Removes what was not in this collection, or could not be read. */
  function removeOthers(): void {
    for (const [key, alike] of streams) {
      const left = alike.filter((known) => known.round === round);
      if (left.length === alike.length) continue;
      for (const known of alike) if (known.round !== round) known.stream.close();
      if (left.length === 0) streams.delete(key);
      else streams.set(key, left);
    }
  }

  function noteOverflow(known: Known): void {
    const { name, limit, stream, dropped } = known;
    if (dropped === undefined) onOverflow(name, limit);
    const { attributes, startTime } = dropped ?? {
      attributes: { [ATTRIBUTES.selfMetric]: name },
      startTime: timeOf(clock.unixMs()),
    };
    // From 0 on, so that the first ones are an increase.
    const value = dropped === undefined ? 0 : Math.max(stream.overflowing, dropped.value);
    known.dropped = { attributes, startTime, value };
  }

  return {
    write(scopeMetrics) {
      round++;
      for (const { scope, metrics } of scopeMetrics) for (const metric of metrics) tryToWrite(scope, metric);
      const dropped = [...streams.values()].flatMap((alike) => alike.flatMap((known) => known.dropped ?? []));
      if (dropped.length > 0) write(SELF_SCOPE, { ...DROPPED, dataPoints: dropped });
      removeOthers();
    },
  };
}

const DROPPED = {
  descriptor: METRICS.selfSeriesDropped,
  aggregationTemporality: TEMPORALITY.cumulative,
  dataPointType: POINT_TYPE.sum,
  isMonotonic: true,
} as const;

function kindOf({ dataPointType, isMonotonic }: SdkMetric): MetricKind | undefined {
  if (dataPointType === POINT_TYPE.sum) return isMonotonic === true ? 'counter' : 'updowncounter';
  if (dataPointType === POINT_TYPE.gauge) return 'gauge';
  const isHistogram = dataPointType === POINT_TYPE.histogram || dataPointType === POINT_TYPE.exponentialHistogram;
  return isHistogram ? 'histogram' : undefined;
}

function describeScope({ name, version, schemaUrl, attributes }: SdkScope): Scope {
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
    ...(attributes === undefined ? {} : { attributes: pairsOf(attributes) }),
  };
}

function timeOf(unixMs: number): SdkTime {
  return [Math.floor(unixMs / 1000), (unixMs % 1000) * 1e6];
}
