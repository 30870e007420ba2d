// One exposition: the last snapshot of the main thread beside the live figures. Shared by the observer and in-thread mode.
import type { Exposition } from '../prometheus/format.js';
import type { DroppedSeries } from '../prometheus/merge.js';
import { type Source, serialize } from '../prometheus/serialize.js';
import { SeriesTable, type Target } from '../prometheus/snapshot.js';
import type { SnapshotReader } from '../recorder/store.js';
import type { ExpositionSettings } from './messages.js';

/** A snapshot older than this is shown without its gauges: they were true of another time, while totals stay totals. */
export const STALE_AFTER_S = 60;

export interface ExpositionOptions {
  /** The figures of the instrumented thread. */
  readonly table: SeriesTable;
  /** The figures of the application's prom-client registries; a name that they have is theirs. */
  readonly registries?: SeriesTable | undefined;
  /** Age of those figures, in seconds. */
  readonly ageS: () => number;
  readonly live: SnapshotReader;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly settings?: Pick<ExpositionSettings, 'scopeLabels' | 'strategy' | 'created'> | undefined;
  /** The group that the process is in. */
  readonly group?: GroupView | undefined;
  readonly report: (cause: string, error: unknown) => void;
}

/** What a group adds to the figures of this process. */
export interface GroupView {
  /** The label `process` of its own series; undefined while it is in no group. */
  readonly process: string | undefined;
  /** The figures of the others. */
  take(): readonly Source[];
}

/** All that this process shows of itself. */
export interface OwnFigures extends Target {
  readonly tables: readonly SeriesTable[];
}

/** Creates the function that reads the figures of this process. */
export function createOwnFigures(options: Omit<ExpositionOptions, 'settings' | 'group' | 'report'>): () => OwnFigures {
  const { table, registries = new SeriesTable(), ageS, live, constantLabels, resource } = options;
  const liveTable = new SeriesTable();
  return () => {
    liveTable.apply(live.read());
    const isStale = ageS() > STALE_AFTER_S;
    const shown = [registries, table].map((taken) => (isStale ? withoutGauges(taken) : taken));
    // Whoever reads an SDK learns of its resource with the figures.
    const { constantLabels: labels, resource: described } = table.target ?? { constantLabels, resource };
    return { tables: [...shown, liveTable], constantLabels: labels, resource: described };
  };
}

/** Creates the function that renders one scrape. */
export function createExposition(options: ExpositionOptions): Exposition {
  const { settings, group, report } = options;
  const read = createOwnFigures(options);
  const onDrop = createDropReport(report);
  return (format) => {
    const { tables, constantLabels, resource } = read();
    const process = group?.process;
    if (group === undefined || process === undefined) {
      const sources = tables.map((table) => ({ table }));
      return serialize(sources, { ...settings, constantLabels, resource, format, onDrop });
    }
    const labels = { process };
    const sources = tables.map((table, index) => ({ table, labels, ...(index === 0 ? { resource } : {}) }));
    return serialize([...sources, ...group.take()], { ...settings, constantLabels, format, onDrop });
  };
}

/** Tells of what an exposition leaves out, once each. */
export function createDropReport(report: ExpositionOptions['report']): (dropped: DroppedSeries) => void {
  const told = new Set<string>();
  return ({ metric, reason }) => {
    const key = `${metric} (${reason})`;
    if (told.has(key)) return;
    told.add(key);
    const cause =
      reason === 'comment' ? 'the description or unit of a metric cannot be shown' : 'a metric cannot be shown';
    report(cause, new Error(key));
  };
}

/** The counters and histograms of `table`, as they are now. */
export function withoutGauges(table: SeriesTable): SeriesTable {
  const totals = new SeriesTable();
  const added = [...table.families.values()]
    .filter(({ family }) => family.kind === 'counter' || family.kind === 'histogram')
    .flatMap(({ series }) => [...series.values()]);
  const exemplars = added.flatMap(
    ({ id }) => table.exemplarsOf(id)?.filter((exemplar) => exemplar !== undefined) ?? [],
  );
  totals.apply({ unixMs: table.unixMs, added, removed: [], values: table.values, exemplars });
  return totals;
}
