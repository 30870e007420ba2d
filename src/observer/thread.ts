// The observer's program. It never needs the main thread to answer: it asks for figures, waits briefly, and serves what it has.
import { workerData } from 'node:worker_threads';
import { OPEN_PATHS, openGuard } from '../access/server-guard.js';
import { systemClock as clock } from '../clock.js';
import { openDumpSocket } from '../dump/socket.js';
import { currentUser } from '../dump/socket-place.js';
import { type Group, joinGroup } from '../group/join.js';
import { type Page, startPage } from '../page/start-page.js';
import { pprofRoutes } from '../profiling/pprof-endpoint.js';
import { startProfiling } from '../profiling/start-profiling.js';
import { type MetricsServer, startServer } from '../prometheus/server.js';
import { createStore, type SnapshotReader } from '../recorder/store.js';
import { createSourceMapper } from '../stalls/blame/source-maps.js';
import { createLoopsReader } from '../top/served-loops.js';
import { openBoard } from '../worker-board/memory.js';
import { createCollector } from './collector.js';
import { createExposition, createOwnFigures } from './exposition.js';
import { healthRoutes } from './health.js';
import { openHeartbeat } from './heartbeat.js';
import { startLiveFigures } from './live-figures.js';
import type { MainMessage, ObserverData, ObserverMessage } from './messages.js';
import { withOwnValues } from './shared-values.js';
import { startStalls } from './stalls.js';

const { port, host, listenPort, constantLabels, resource, processFigures, watched, stalls, exposition, ...rest } =
  workerData as ObserverData;
const heartbeat = openHeartbeat(rest.heartbeat);
const board = openBoard(rest.board);

const tell = (message: ObserverMessage) => port.postMessage(message);
const report = (cause: string, error: unknown) =>
  tell({ type: 'failure', cause, message: error instanceof Error ? error.message : String(error) });

const collector = createCollector({
  clock,
  request: (ownOnly) => tell({ type: 'collect', ownOnly }),
  blockedMs: () => (watched ? heartbeat.blockedMs(clock.monotonicMs()) : 0),
});
const store = createStore({
  clock,
  exemplars: stalls.exemplars,
  report: (error) => report('a live figure could not be read', error),
});
let servedPort: number | undefined;
startLiveFigures({
  store,
  clock,
  heartbeat: watched ? heartbeat : undefined,
  board,
  processFigures,
  acceptQueue: rest.acceptQueue,
  poolUse: rest.poolUse,
  probesPool: true,
  ownPort: () => servedPort,
  snapshotAgeS: () => collector.ageS(),
  report,
});
let page: Page | undefined;
const profiling =
  watched && stalls.capture
    ? startProfiling({
        heartbeat,
        clock,
        board,
        store,
        settings: rest.profile,
        root: stalls.root,
        mapped: createSourceMapper(),
        report,
      })
    : undefined;
const running = watched
  ? startStalls({
      seenOf: profiling?.seenOf,
      settings: stalls,
      clock,
      heartbeat,
      board,
      liveCalls: rest.liveCalls,
      store,
      tell: (stall, isStarted) => {
        if (isStarted) page?.addStall(stall);
        tell({ type: 'stall', report: stall, isStarted });
      },
      tellSpin: (spin) => tell({ type: 'spin', report: spin }),
      report,
    })
  : undefined;
const figures = {
  table: collector.table,
  registries: collector.registries,
  ageS: () => collector.ageS(),
  constantLabels,
  resource,
};
let group: Group | undefined;
const render = createExposition({
  ...figures,
  live: store.open(),
  settings: exposition,
  group: {
    get process() {
      return group?.process;
    },
    take: () => group?.take() ?? [],
  },
  report,
});

// What the main thread was told of the live figures.
let toldFigures: SnapshotReader | undefined;
port.on('message', (message: MainMessage) => {
  if (message.type === 'snapshot') collector.receive(withOwnValues(message.snapshot), message.registries);
  else if (message.type === 'collecting') collector.begun();
  else if (message.type === 'registries') collector.receiveRegistries(message.snapshot);
  else if (message.type === 'routes') profiling?.takeRoutes(message.news);
  else if (message.type === 'read-live') {
    toldFigures ??= store.open();
    tell({ type: 'live', snapshot: toldFigures.read() });
  } else collector.fail();
});

// A failed collection fails the scrape, but not that of others' figures: in a group the last of our own are shown.
async function refreshOwn(): Promise<void> {
  await collector.refresh().catch((error) => {
    if (group?.process === undefined) throw error;
  });
}

const guard = listenPort === undefined ? undefined : openGuard(rest.access, clock);
page =
  rest.page === true
    ? startPage({
        clock,
        resource,
        stallThresholdMs: stalls.thresholdMs,
        guard,
        refresh: () => collector.refresh({ ownOnly: true }),
        figures: createOwnFigures({ ...figures, live: store.open() }),
        ageS: collector.ageS,
        blockedMs: () => (watched ? heartbeat.blockedMs(clock.monotonicMs()) : 0),
        ongoing: () => running?.watch.ongoing() ?? [],
        tasks: running?.tasks,
        root: stalls.root,
        group: () => group?.process,
        record: profiling?.profiler.record,
        report,
      })
    : undefined;
const profileRoutes =
  rest.profileEndpoint === true && profiling !== undefined
    ? pprofRoutes({
        record: profiling.profiler.record,
        continuousUs: rest.profile?.intervalUs,
        guard,
        root: stalls.root,
        title: resource['service.name'] ?? `process ${process.pid}`,
        report,
      })
    : {};
async function serve(at: number): Promise<MetricsServer> {
  const server = await startServer({
    host,
    port: at,
    path: exposition?.path,
    unref: false,
    gzip: true,
    collect: async (format) => {
      await Promise.all([refreshOwn(), group?.refresh()]);
      return render(format);
    },
    guard,
    open: OPEN_PATHS,
    onDenial: page?.onDenial,
    routes: {
      ...page?.routes,
      ...profileRoutes,
      ...healthRoutes({
        unhealthyAfterMs: stalls.unhealthyAfterMs,
        ongoing: () => running?.watch.ongoing() ?? [],
        brief: guard !== undefined,
      }),
    },
    onError: (error) => report('a scrape failed', error),
  });
  servedPort = server.port;
  return server;
}

const tellFailure = (error: NodeJS.ErrnoException) =>
  tell({ type: 'listen-failed', code: error.code ?? 'unknown', message: error.message });

if (listenPort === undefined) tell({ type: 'running' });
else if (rest.group === undefined) {
  serve(listenPort).then(
    ({ host: boundHost, port: boundPort, url }) =>
      tell({ type: 'listening', endpoint: { host: boundHost, port: boundPort, url } }),
    tellFailure,
  );
} else {
  group = joinGroup({
    settings: rest.group,
    listenPort,
    clock,
    refresh: () => collector.refresh(),
    figures: createOwnFigures({ ...figures, live: store.open() }),
    serve,
    onEndpoint: (endpoint) => tell({ type: 'listening', endpoint }),
    onNoEndpoint: tellFailure,
    onFolder: (folder) => tell({ type: 'group', folder }),
    onObstacle: (sentence) => tell({ type: 'obstacle', sentence }),
    report,
  });
}

const user = currentUser();
// It is closed, and its file removed, with this thread.
if (running !== undefined && user !== undefined) {
  void openDumpSocket({
    folders: stalls.socketFolders,
    pid: process.pid,
    uid: user,
    dump: running.dump,
    tasks: running.tasks,
    loops: createLoopsReader({
      clock,
      refresh: () => collector.refresh({ ownOnly: true }),
      open: () => createOwnFigures({ ...figures, live: store.open() }),
    }),
    relay: running.relay,
    onObstacle: (reason) => tell({ type: 'obstacle', sentence: `there is no socket for dumps: ${reason}` }),
    onError: (error) => report('a dump failed', error),
  });
}
