// One exposition: the last snapshot of the main thread beside the live figures. Shared by the observer and in-thread mode.
import { SeriesTable } from '../prometheus/snapshot.js';
import { type DroppedSeries, serializeText } from '../prometheus/text.js';
import type { SnapshotReader } from '../recorder/store.js';

/** A snapshot older than this is shown without its gauges: they were true of another time, while totals stay totals. */
export const STALE_AFTER_S = 60;

export interface ExpositionOptions {
  /** The figures of the instrumented thread. */
  readonly table: SeriesTable;
  /** Age of those figures, in seconds. */
  readonly ageS: () => number;
  readonly live: SnapshotReader;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly report: (cause: string, error: unknown) => void;
}

/** Creates the function that renders the text of one scrape. */
export function createExposition(options: ExpositionOptions): () => string {
  const { table, ageS, live, constantLabels, resource, report } = options;
  const liveTable = new SeriesTable();
  const told = new Set<string>();
  const onDrop = ({ metric, reason }: DroppedSeries) => {
    if (told.has(metric)) return;
    told.add(metric);
    report('a metric cannot be shown', new Error(`${metric} (${reason})`));
  };
  return () => {
    liveTable.apply(live.read());
    const shown = ageS() > STALE_AFTER_S ? withoutGauges(table) : table;
    return serializeText([shown, liveTable], { constantLabels, resource, scopeLabels: false, onDrop });
  };
}

function withoutGauges(table: SeriesTable): SeriesTable {
  const totals = new SeriesTable();
  const added = [...table.families.values()]
    .filter(({ family }) => family.kind === 'counter' || family.kind === 'histogram')
    .flatMap(({ series }) => [...series.values()]);
  totals.apply({ unixMs: table.unixMs, added, removed: [], values: table.values });
  return totals;
}
