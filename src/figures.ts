// Everything that a running start() measures, for others than its own endpoint to show.
import { SeriesTable } from './prometheus/snapshot.js';
import type { SnapshotReader, Store } from './recorder/store.js';

/** All series at one moment; the tables are the source's own and change with its next reading. */
export interface Figures {
  readonly tables: readonly SeriesTable[];
  /** Labels of every series, by label name. */
  readonly constantLabels: Readonly<Record<string, string>>;
  /** What `target_info` shows. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Where the figures are read. */
export interface FigureSource {
  /** Reads everything; who asks meanwhile shares the answer. Never rejects, and never waits for longer than a second. */
  read(): Promise<Figures>;
  close(): void;
}

export interface FigureSourceOptions {
  readonly store: Store;
  /** The figures that are not in `store`. */
  readonly live: () => Promise<SeriesTable | undefined>;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly report: (cause: string, error: unknown) => void;
}

/** Creates a source over a store and the live figures; nothing is done before it is read. */
export function createFigureSource({
  store,
  live,
  constantLabels,
  resource,
  report,
}: FigureSourceOptions): FigureSource {
  const table = new SeriesTable();
  let reader: SnapshotReader | undefined;
  let reading: Promise<Figures> | undefined;
  let isClosed = false;

  async function readAll(): Promise<Figures> {
    const tables: SeriesTable[] = [];
    try {
      const liveTable = await live();
      if (isClosed) return { tables, constantLabels, resource };
      reader ??= store.open();
      table.apply(reader.read());
      tables.push(table);
      if (liveTable !== undefined) tables.push(liveTable);
    } catch (error) {
      report('a collection failed', error);
    }
    return { tables, constantLabels, resource };
  }

  return {
    read() {
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    close() {
      isClosed = true;
      reader?.close();
    },
  };
}
