// The endpoint without an observer thread: served by the main thread, for places where workers are not allowed.
import type { Access } from '../access/guard.js';
import { OPEN_PATHS, openGuard } from '../access/server-guard.js';
import type { RegistriesReader } from '../bridges/registries-reader.js';
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
  /** The application's prom-client registries. */
  readonly registries: RegistriesReader;
  readonly host: string;
  readonly port: number;
  /** Who may scrape. */
  readonly access: Access | undefined;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  readonly board: Board | undefined;
  readonly processFigures: boolean;
  readonly acceptQueue?: boolean;
  readonly poolUse?: SharedArrayBuffer | undefined;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running endpoint on the main thread. */
export interface InThreadHandle {
  readonly endpoint: Endpoint;
  stop(): Promise<void>;
}

/** Starts the endpoint on this thread. Rejects where the port is in use or the network is not allowed. */
export async function startInThread(options: InThreadOptions): Promise<InThreadHandle> {
  const {
    clock,
    store,
    registries: served,
    host,
    port,
    access,
    constantLabels,
    resource,
    board,
    processFigures,
    acceptQueue,
    poolUse,
    report,
  } = options;
  let servedPort: number | undefined;
  const table = new SeriesTable();
  const registries = new SeriesTable();
  const reader = store.open();
  const liveStore = createStore({ clock, report: (error) => report('a live figure could not be read', error) });
  const live = startLiveFigures({
    store: liveStore,
    clock,
    heartbeat: undefined,
    board,
    processFigures,
    acceptQueue,
    poolUse,
    ownPort: () => servedPort,
    snapshotAgeS: () => 0,
    report,
  });
  const render = createExposition({
    table,
    registries,
    ageS: () => 0,
    live: liveStore.open(),
    constantLabels,
    resource,
    report,
  });
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
      collect: async (format) => {
        if (served.hasAny) registries.apply(await served.read());
        table.apply(reader.read());
        return render(format);
      },
      // Whoever serves here cannot answer while the loop is held, and a loop that answers turns.
      routes: healthRoutes({ unhealthyAfterMs: 0, ongoing: () => [] }),
      guard: openGuard(access, clock),
      open: OPEN_PATHS,
      onError: (error) => report('a scrape failed', error),
    });
    servedPort = server.port;
    return {
      endpoint: { host: server.host, port: server.port, url: server.url },
      stop: () => stop(() => server.close()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
