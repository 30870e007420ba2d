// The endpoint without an observer thread: served by the main thread, for places where workers are not allowed.
import type { Clock } from '../clock.js';
import { startServer } from '../prometheus/server.js';
import { SeriesTable } from '../prometheus/snapshot.js';
import { createStore, type Store } from '../recorder/store.js';
import type { Board } from '../worker-board/memory.js';
import { createExposition } from './exposition.js';
import { healthRoutes } from './health.js';
import { startLiveFigures } from './live-figures.js';
import type { Endpoint } from './messages.js';

export interface InThreadOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly host: string;
  readonly port: number;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly board: Board | undefined;
  readonly processFigures: boolean;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running endpoint on the main thread. */
export interface InThreadHandle {
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

/** Starts the endpoint on this thread. Rejects where the port is in use or the network is not allowed. */
export async function startInThread(options: InThreadOptions): Promise<InThreadHandle> {
  const { clock, store, host, port, constantLabels, resource, board, processFigures, report } = options;
  const table = new SeriesTable();
  const reader = store.open();
  const liveStore = createStore({ clock, report: (error) => report('a live figure could not be read', error) });
  const live = startLiveFigures({
    store: liveStore,
    clock,
    heartbeat: undefined,
    board,
    processFigures,
    snapshotAgeS: () => 0,
    report,
  });
  const render = createExposition({ table, ageS: () => 0, live: liveStore.open(), constantLabels, resource, report });
  const stop = async (closeServer?: () => Promise<void>) => {
    live.stop();
    reader.close();
    await closeServer?.();
  };
  try {
    const server = await startServer({
      host,
      port,
      unref: true,
      collect: async () => {
        table.apply(reader.read());
        return render();
      },
      // Whoever serves here cannot answer while the loop is held, and a loop that answers turns.
      routes: healthRoutes({ unhealthyAfterMs: 0, ongoing: () => [] }),
      onError: (error) => report('a scrape failed', error),
    });
    return {
      endpoint: { host: server.host, port: server.port, url: server.url },
      stop: () => stop(() => server.close()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
