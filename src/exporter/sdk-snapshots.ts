// Collections of an OpenTelemetry SDK to snapshots: what the serialisers and the observer read, wherever it comes from.
import type { Clock } from '../clock.js';
import type { Snapshot, Target } from '../prometheus/snapshot.js';
import { pairsOf } from './attributes.js';
import { createMetricStreams } from './metric-streams.js';
import type { SdkCollection, SdkResource } from './sdk-metrics.js';
import { createSeriesLedger } from './series-ledger.js';

export interface SdkSnapshotsOptions {
  readonly clock: Clock;
  /** Asks the SDK; called only while no earlier call is under way. */
  readonly collect: () => Promise<SdkCollection>;
  /** Goes before each name, with an underscore; nothing does where it is empty. */
  readonly prefix: string;
  /** Whether units become parts of names. */
  readonly units: boolean;
  /** Series beyond this number of the metric of that name share one. */
  readonly limitOf: (metric: string) => number;
  /** What is told of whom the figures are about. */
  readonly describeTarget: (resource: Readonly<Record<string, string>>) => Target;
  /** Told once of each metric that passed its limit, by its name in OpenTelemetry. */
  readonly onOverflow: (metric: string, limit: number) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** Reads an SDK; each reader is told of every series once. */
export interface SdkSnapshotReader {
  /**
   * Collects, or takes part in the collection under way; `allocate` makes room for the values, by default in an array of
   * their own. Rejects where the SDK does.
   */
  read(allocate?: (length: number) => Float64Array): Promise<Snapshot>;
  close(): void;
}

/** The series of one SDK. */
export interface SdkSnapshots {
  /** Opens a reader whose first snapshot describes every series. */
  open(): SdkSnapshotReader;
}

/** Turns what `collect` returns into snapshots. */
export function createSdkSnapshots(options: SdkSnapshotsOptions): SdkSnapshots {
  const { clock, collect, describeTarget, report } = options;
  const ledger = createSeriesLedger();
  const streams = createMetricStreams({ ...options, ledger });
  let resource: SdkResource | undefined;
  let target: Target | undefined;
  let running: Promise<void> | undefined;

  async function collectOnce(): Promise<void> {
    const { resourceMetrics, errors } = await collect();
    if (errors.length > 0) report('a metric could not be collected', errors[0]);
    streams.write(resourceMetrics.scopeMetrics);
    adopt(resourceMetrics.resource);
  }

  // A resource never changes but while some of it is still being found out.
  function adopt(next: SdkResource): void {
    if (next === resource || next.asyncAttributesPending === true) return;
    resource = next;
    target = describeTarget(Object.fromEntries(pairsOf(next.attributes)));
  }

  return {
    open() {
      const reader = ledger.open();
      let told: Target | undefined;
      return {
        async read(allocate) {
          running ??= collectOnce().finally(() => {
            running = undefined;
          });
          await running;
          const isNew = target !== told;
          told = target;
          const snapshot = { unixMs: clock.unixMs(), ...reader.take(), values: ledger.values(allocate) };
          return isNew && target !== undefined ? { ...snapshot, target } : snapshot;
        },
        close: () => reader.close(),
      };
    },
  };
}
