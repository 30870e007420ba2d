// Serves the snapshots of an SDK: from the observer thread, or from this one where there is to be none.
import type { Access } from '../access/guard.js';
import { OPEN_PATHS, openGuard } from '../access/server-guard.js';
import { openServedRegistries } from '../bridges/serve-registry.js';
import { systemClock } from '../clock.js';
import { reportFailure, reportObstacle } from '../diagnostics.js';
import { createExposition } from '../observer/exposition.js';
import { startObserver } from '../observer/handle.js';
import { healthRoutes } from '../observer/health.js';
import { openHeartbeat } from '../observer/heartbeat.js';
import type { Endpoint, ExpositionSettings } from '../observer/messages.js';
import type { Format } from '../prometheus/format.js';
import { startServer } from '../prometheus/server.js';
import { SeriesTable } from '../prometheus/snapshot.js';
import { createStore } from '../recorder/store.js';
import type { SdkSnapshots } from './sdk-snapshots.js';

export interface ServingOptions {
  readonly host: string;
  readonly port: number;
  readonly snapshots: SdkSnapshots;
  readonly exposition: ExpositionSettings;
  /** Who may scrape. */
  readonly access: Access | undefined;
  /** Whether a thread of its own serves. */
  readonly observer: boolean;
}

/** An endpoint, which may still be on its way up. */
export interface Serving {
  /** Rejects with the error of `listen`, for example one with the code `EADDRINUSE`. */
  readonly endpoint: Promise<Endpoint>;
  /** Lets the process live until the endpoint is up or is known not to come. */
  awaitEndpoint(): void;
  /** Resolves when the port is free. */
  stop(): Promise<void>;
}

/** Starts an endpoint. Nothing is thrown. */
export function startServing(options: ServingOptions): Serving {
  return options.observer ? serveFromThread(options) : serveHere(options);
}

/** The exposition of the present moment, collected and written by the calling thread. */
export function createLocalExposition({ snapshots, exposition }: Pick<ServingOptions, 'snapshots' | 'exposition'>): {
  collect(format: Format): Promise<Iterable<string>>;
  close(): void;
} {
  const table = new SeriesTable();
  const registries = new SeriesTable();
  const served = openServedRegistries();
  const reader = snapshots.open();
  const nothing = createStore({ clock: systemClock, report: () => {} });
  const render = createExposition({
    table,
    registries,
    ageS: () => 0,
    live: nothing.open(),
    constantLabels: {},
    resource: {},
    settings: exposition,
    report: reportFailure,
  });
  return {
    async collect(format) {
      if (served.hasAny) registries.apply(await served.read());
      table.apply(await reader.read());
      return render(format);
    },
    close: () => reader.close(),
  };
}

function serveFromThread(options: ServingOptions): Serving {
  const { host, port, access, snapshots, exposition } = options;
  let settle: (endpoint: Endpoint | Promise<Endpoint>) => void = () => {};
  let refuse: (error: unknown) => void = () => {};
  const endpoint = new Promise<Endpoint>((resolve, reject) => {
    settle = resolve;
    refuse = reject;
  });
  let instead: Serving | undefined;
  const serveHereInstead = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    reportObstacle(
      `the exporter's thread could not start (${reason}), so scrapes wait while the main thread is blocked`,
    );
    instead = serveHere(options);
    settle(instead.endpoint);
  };
  try {
    const observer = startObserver({
      host,
      listenPort: port,
      access,
      exposition,
      constantLabels: {},
      resource: {},
      heartbeat: openHeartbeat().buffer,
      board: undefined,
      processFigures: false,
      watched: false,
      stalls: NO_STALLS,
      open: () => snapshots.open(),
      openRegistries: openServedRegistries,
      onListening: settle,
      onRunning: () => {},
      onListenFailed(code, message) {
        void observer.stop();
        refuse(Object.assign(new Error(message), { code }));
      },
      onStartFailed: serveHereInstead,
      onRestart: () => {},
      onStall: () => {},
      onSnapshot: () => {},
      onObstacle: reportObstacle,
      report: reportFailure,
    });
    return {
      endpoint,
      awaitEndpoint: () => observer.awaitEndpoint(),
      async stop() {
        await observer.stop();
        await instead?.stop();
        refuse(new Error('the exporter was stopped before it listened'));
      },
    };
  } catch (error) {
    serveHereInstead(error);
    return { endpoint, awaitEndpoint: () => {}, stop: async () => instead?.stop() };
  }
}

const NO_STALLS = {
  thresholdMs: Number.POSITIVE_INFINITY,
  capture: false,
  root: '',
  log: 'off',
  exemplars: false,
  unhealthyAfterMs: 0,
  stallFile: '',
  socketFolders: [],
} as const;

function serveHere(options: ServingOptions): Serving {
  const { host, port, access, exposition } = options;
  const { collect, close } = createLocalExposition(options);
  const onError = (error: unknown) => reportFailure('a scrape failed', error);
  const server = startServer({
    host,
    port,
    path: exposition.path,
    unref: true,
    collect,
    routes: healthRoutes({ unhealthyAfterMs: 0, ongoing: () => [] }),
    guard: openGuard(access, systemClock),
    open: OPEN_PATHS,
    onError,
  });
  return {
    endpoint: server.then((started) => ({ host: started.host, port: started.port, url: started.url })),
    awaitEndpoint: () => {},
    async stop() {
      close();
      await (await server.catch(() => undefined))?.close();
    },
  };
}
