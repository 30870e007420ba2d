// The observer's program. It never needs the main thread to answer: it asks for figures, waits briefly, and serves what it has.
import { workerData } from 'node:worker_threads';
import { systemClock as clock } from '../clock.js';
import { openDumpSocket } from '../dump/socket.js';
import { currentUser } from '../dump/socket-place.js';
import { startServer } from '../prometheus/server.js';
import { createStore } from '../recorder/store.js';
import { openBoard } from '../worker-board/memory.js';
import { createCollector } from './collector.js';
import { createExposition } from './exposition.js';
import { healthRoutes } from './health.js';
import { openHeartbeat } from './heartbeat.js';
import { startLiveFigures } from './live-figures.js';
import type { MainMessage, ObserverData, ObserverMessage } from './messages.js';
import { startStalls } from './stalls.js';

const { port, host, listenPort, constantLabels, resource, processFigures, watched, stalls, ...rest } =
  workerData as ObserverData;
const heartbeat = openHeartbeat(rest.heartbeat);
const board = openBoard(rest.board);

const tell = (message: ObserverMessage) => port.postMessage(message);
const report = (cause: string, error: unknown) =>
  tell({ type: 'failure', cause, message: error instanceof Error ? error.message : String(error) });

const collector = createCollector({
  clock,
  request: () => tell({ type: 'collect' }),
  blockedMs: () => (watched ? heartbeat.blockedMs(clock.monotonicMs()) : 0),
});
const store = createStore({ clock, report: (error) => report('a live figure could not be read', error) });
startLiveFigures({
  store,
  clock,
  heartbeat: watched ? heartbeat : undefined,
  board,
  processFigures,
  snapshotAgeS: () => collector.ageS(),
  report,
});
const running = watched
  ? startStalls({
      settings: stalls,
      clock,
      heartbeat,
      board,
      store,
      tell: (stall, isStarted) => tell({ type: 'stall', report: stall, isStarted }),
      report,
    })
  : undefined;
const render = createExposition({
  table: collector.table,
  ageS: () => collector.ageS(),
  live: store.open(),
  constantLabels,
  resource,
  report,
});

port.on('message', (message: MainMessage) => {
  if (message.type === 'snapshot') collector.receive(message.snapshot);
  else collector.fail();
});

if (listenPort === undefined) tell({ type: 'running' });
else {
  startServer({
    host,
    port: listenPort,
    unref: false,
    collect: async () => {
      await collector.refresh();
      return render();
    },
    routes: healthRoutes({ unhealthyAfterMs: stalls.unhealthyAfterMs, ongoing: () => running?.watch.ongoing() ?? [] }),
    onError: (error) => report('a scrape failed', error),
  }).then(
    ({ host: boundHost, port: boundPort, url }) =>
      tell({ type: 'listening', endpoint: { host: boundHost, port: boundPort, url } }),
    (error: NodeJS.ErrnoException) =>
      tell({ type: 'listen-failed', code: error.code ?? 'unknown', message: error.message }),
  );
}

const user = currentUser();
// It is closed, and its file removed, with this thread.
if (running !== undefined && user !== undefined) {
  void openDumpSocket({
    folders: stalls.socketFolders,
    pid: process.pid,
    uid: user,
    dump: running.dump,
    onObstacle: (reason) => tell({ type: 'obstacle', sentence: `there is no socket for dumps: ${reason}` }),
    onError: (error) => report('a dump failed', error),
  });
}
