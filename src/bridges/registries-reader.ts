// Reads prom-client registries for the endpoint, metric by metric: one that fails or hangs is left out, and delays nobody twice.
import { systemClock } from '../clock.js';
import { reportFailure } from '../diagnostics.js';
import { isOwn } from '../own.js';
import type { Snapshot } from '../prometheus/snapshot.js';
import { createSlots } from '../recorder/slots.js';
import { defaultLabelsOf, type PromClientRegistry, type RegistryMetric, type RegistryReading } from './registry.js';
import { pairsOf } from './registry-groups.js';
import { type Changes, createMetricSeries, type MetricSeries } from './registry-series.js';

/** A metric that takes longer is shown as it was read the time before, and is not waited for until it is faster again. */
const PATIENCE_MS = 250;
/** What a metric told longer ago is not shown. */
const STALE_AFTER_MS = 60_000;

/** Reads registries; a reader is told of every series once. */
export interface RegistriesReader {
  /** Whether there is anything to read, or anything that was told and is gone. */
  readonly hasAny: boolean;
  /** The series of all metrics that answer in time. Never rejects. */
  read(): Promise<Snapshot>;
}

interface Metric {
  readonly metric: RegistryMetric;
  readonly series: MetricSeries;
  readonly defaultLabels: string;
  /** Under way, possibly since an earlier reading. */
  pending: Promise<void> | undefined;
  startedMs: number;
  /** Whether it took too long the last time. */
  isLate: boolean;
  takenMs: number;
  /** The reading that found it in a registry last. */
  seen: number;
}

/** Creates a reader of the registries that `registries` tells at each reading. */
export function createRegistriesReader(
  registries: () => Iterable<PromClientRegistry>,
  { clock = systemClock, report = reportFailure, patienceMs = PATIENCE_MS } = {},
): RegistriesReader {
  const slots = createSlots();
  const metrics = new Map<object, Metric>();
  let changes: Changes = { added: [], removed: [], exemplars: [] };
  let nextId = 0;
  let readings = 0;

  function metricOf(metric: RegistryMetric, registry: PromClientRegistry): Metric {
    const labels = defaultLabelsOf(registry);
    // As text, because not everything that can be a label can be JSON.
    const defaultLabels = JSON.stringify(pairsOf(labels));
    let known = metrics.get(metric);
    if (known !== undefined && known.defaultLabels !== defaultLabels) {
      known.series.clear();
      known = undefined;
    }
    if (known === undefined) {
      const series = createMetricSeries({
        slots,
        nextId: () => nextId++,
        changes: () => changes,
        defaultLabels: labels,
      });
      known = {
        metric,
        series,
        defaultLabels,
        pending: undefined,
        startedMs: 0,
        isLate: false,
        takenMs: Number.NaN,
        seen: 0,
      };
      metrics.set(metric, known);
    }
    return known;
  }

  function start(entry: Metric): void {
    entry.startedMs = clock.monotonicMs();
    const finish = (act: () => void) => {
      entry.pending = undefined;
      entry.isLate = clock.monotonicMs() - entry.startedMs > patienceMs;
      // It may have gone, or got other labels, meanwhile.
      if (metrics.get(entry.metric) !== entry) return;
      try {
        act();
      } catch (error) {
        fail(entry, error);
      }
    };
    entry.pending = readingOf(entry.metric).then(
      (reading) =>
        finish(() => {
          entry.series.take(reading);
          entry.takenMs = clock.monotonicMs();
        }),
      (error) => finish(() => fail(entry, error)),
    );
  }

  function fail({ series }: Metric, error: unknown): void {
    series.clear();
    report('a metric of a prom-client registry could not be read', error);
  }

  /** Starts reading every metric; returns those that are worth waiting for. */
  function startAll(): Promise<void>[] {
    readings++;
    const awaited: Promise<void>[] = [];
    for (const registry of registries()) {
      try {
        // Our own metrics may have been added to it.
        for (const metric of registry.getMetricsAsArray())
          if (!isOwn(metric)) startOne(metric as RegistryMetric, registry, awaited);
      } catch (error) {
        report('a prom-client registry could not be read', error);
      }
    }
    return awaited;
  }

  function startOne(metric: RegistryMetric, registry: PromClientRegistry, awaited: Promise<void>[]): void {
    // Of one that is in two registries, one copy is enough.
    if (metrics.get(metric)?.seen === readings) return;
    const entry = metricOf(metric, registry);
    entry.seen = readings;
    if (entry.pending === undefined) start(entry);
    if (entry.pending !== undefined && !entry.isLate) awaited.push(entry.pending);
  }

  function forget(): void {
    const nowMs = clock.monotonicMs();
    for (const [key, entry] of metrics) {
      if (entry.pending !== undefined) entry.isLate = true;
      if (nowMs - entry.takenMs > STALE_AFTER_MS) entry.series.clear();
      if (entry.seen === readings) continue;
      entry.series.clear();
      metrics.delete(key);
    }
  }

  return {
    get hasAny() {
      const [first] = registries();
      return first !== undefined || metrics.size > 0;
    },
    async read() {
      await settledWithin(startAll(), patienceMs);
      forget();
      const { added, removed, exemplars } = changes;
      changes = { added: [], removed: [], exemplars: [] };
      return { unixMs: clock.unixMs(), added, removed, values: slots.copy(), exemplars };
    },
  };
}

// What throws at once is a rejection as well.
async function readingOf(metric: RegistryMetric): Promise<RegistryReading> {
  return typeof metric.getForPromString === 'function' ? metric.getForPromString() : metric.get();
}

/** Resolves when all of `promises`, which do not reject, have settled; at the latest after `ms`. */
async function settledWithin(promises: readonly Promise<void>[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([Promise.all(promises), late]);
  clearTimeout(timer);
}
