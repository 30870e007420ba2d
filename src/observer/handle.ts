// The main thread's side of the observer: starts it, answers its requests for snapshots, and starts it again if it ends.
import { rmdirSync } from 'node:fs';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import type { RegistriesReader } from '../bridges/registries-reader.js';
import type { RouteNews } from '../route-windows.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { forgetCaptures } from '../stalls/loop/capturing.js';
import { endSessions } from '../stalls/loop/exit-guard.js';
import type { SpinReport } from '../stalls/watch/spin-report.js';
import { openBoard } from '../worker-board/memory.js';
import { openHeartbeat } from './heartbeat.js';
import { createLiveRequests, type LiveFigures } from './live-requests.js';
import type { Endpoint, MainMessage, ObserverData, ObserverMessage } from './messages.js';
import { OBSERVER_PROGRAM } from './program.js';
import { createRegistriesSender } from './registries-sender.js';
import { createRestartDelays } from './restart-delays.js';
import { createSnapshotSender, type FigureReader, type SendSnapshot } from './snapshot-sender.js';
import { startObserverWorker } from './start-worker.js';
import { watchLooks } from './watch-looks.js';

export interface ObserverOptions extends Omit<ObserverData, 'port' | 'heartbeat'> {
  readonly heartbeat: SharedArrayBuffer;
  /** Opens the figures; once for each observer, because each has to be told of every series. */
  readonly open: () => FigureReader;
  /** Opens the application's prom-client registries, in the same way. */
  readonly openRegistries?: () => RegistriesReader;
  readonly onListening: (endpoint: Endpoint) => void;
  /** Told when it runs without an endpoint, as it was asked to. */
  readonly onRunning: () => void;
  readonly onListenFailed: (code: string, message: string) => void;
  /** Told when the first observer ended before it said whether it listens; it is not started again. */
  readonly onStartFailed: (error: unknown) => void;
  readonly onRestart: () => void;
  /** Told of each stall that is over, and whether the program had started. */
  readonly onStall: (report: StallReport, isStarted: boolean) => void;
  /** Told of each stretch in which the main loop spins. */
  readonly onSpin?: (report: SpinReport) => void;
  /** Told how long a snapshot took on this thread, in seconds. */
  readonly onSnapshot: (seconds: number) => void;
  /** Told of what cannot work in this place. */
  readonly onObstacle?: (sentence: string) => void;
  readonly report: (cause: string, error: unknown) => void;
  /** What the thread runs; tests have it fail. @default the observer's program */
  readonly program?: string;
}

/** A running observer. */
export interface ObserverHandle {
  /** Lets the process wait for the word of the endpoint, which comes once; otherwise the observer keeps nothing alive. */
  awaitEndpoint(): void;
  /** The figures that the observer reads itself; as of an earlier call where it does not answer, undefined before the first. */
  readLive(): Promise<LiveFigures | undefined>;
  /** Tells what ran for which route. */
  tellRoutes(news: RouteNews): void;
  /** Ends the observer; resolves when its port is free. */
  stop(): Promise<void>;
}

/** Starts the observer thread. Throws what `new Worker` throws where workers are not allowed. */
export function startObserver(options: ObserverOptions): ObserverHandle {
  const delays = createRestartDelays();
  let stopped = false;
  let currentPort: MessagePort | undefined;
  let told = false;
  let timer: NodeJS.Timeout | undefined;
  let groupFolder: string | undefined;
  const live = createLiveRequests(() => currentPort?.postMessage({ type: 'read-live' } satisfies MainMessage));
  // Where the first one listened: the next ones listen there too, also where the port was picked by the system.
  let listenPort = options.listenPort;
  const heartbeat = openHeartbeat(options.heartbeat);
  const board = openBoard(options.board);
  let worker = launch();
  const undoCheck = options.watched ? watchLooks(heartbeat, () => void worker.terminate()) : () => {};

  function launch(): Worker {
    const { port1: ours, port2: theirs } = new MessageChannel();
    const figures = options.open();
    const registries = createRegistriesSender(ours, options.openRegistries?.(), options.report);
    const sendSnapshot = createSnapshotSender({ ...options, port: ours, figures, registries });
    const {
      host,
      access,
      constantLabels,
      resource,
      processFigures,
      acceptQueue,
      watched,
      stalls,
      exposition,
      group,
      page,
      profileEndpoint,
    } = options;
    const data: ObserverData = {
      port: theirs,
      heartbeat: options.heartbeat,
      board: options.board,
      liveCalls: options.liveCalls,
      host,
      listenPort,
      access,
      constantLabels,
      resource,
      processFigures,
      ...(acceptQueue === undefined ? {} : { acceptQueue }),
      poolUse: options.poolUse,
      watched,
      stalls,
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      ...(exposition === undefined ? {} : { exposition }),
      ...(group === undefined ? {} : { group }),
      ...(page === undefined ? {} : { page }),
      ...(profileEndpoint === undefined ? {} : { profileEndpoint }),
    };
    let started: Worker;
    try {
      started = startObserverWorker(options.program ?? OBSERVER_PROGRAM, data);
    } catch (error) {
      figures.close();
      ours.close();
      throw error;
    }
    const startedMs = performance.now();
    ours.on('message', (message: ObserverMessage) => answer(message, ours, sendSnapshot));
    ours.unref();
    currentPort = ours;
    let failure: unknown = 'it ended';
    started.on('error', (error) => {
      failure = error;
      options.report('the observer thread failed', error);
    });
    started.on('exit', () => {
      figures.close();
      ours.close();
      live.ended();
      forgetCaptures(heartbeat, board);
      if (told) scheduleRestart(performance.now() - startedMs);
      else if (!stopped) options.onStartFailed(failure);
    });
    live.begun();
    return started;
  }

  function scheduleRestart(ranMs: number): void {
    const delayMs = stopped ? undefined : delays.next(ranMs);
    if (delayMs === undefined) return;
    timer = setTimeout(() => {
      options.onRestart();
      try {
        worker = launch();
      } catch (error) {
        options.report('the observer thread could not be started again', error);
      }
    }, delayMs);
    timer.unref();
  }

  function answer(message: ObserverMessage, port: MessagePort, sendSnapshot: SendSnapshot): void {
    if (message.type === 'collect') sendSnapshot(message.ownOnly);
    else if (message.type === 'group') groupFolder = message.folder;
    else if (message.type === 'live') live.receive(message.snapshot);
    else if (message.type === 'stall') options.onStall(message.report, message.isStarted);
    else if (message.type === 'spin') options.onSpin?.(message.report);
    else if (message.type === 'failure') options.report(message.cause, message.message);
    else if (message.type === 'obstacle') options.onObstacle?.(message.sentence);
    else {
      told = true;
      port.unref();
      if (message.type === 'running') options.onRunning();
      else if (message.type === 'listening') {
        listenPort = message.endpoint.port;
        options.onListening(message.endpoint);
      } else options.onListenFailed(message.code, message.message);
    }
  }

  return {
    awaitEndpoint() {
      if (!told) currentPort?.ref();
    },
    readLive: live.read,
    tellRoutes(news) {
      const message: MainMessage = { type: 'routes', news };
      if ('window' in news) {
        const { timesMs, owners } = news.window;
        currentPort?.postMessage(message, [timesMs.buffer as ArrayBuffer, owners.buffer as ArrayBuffer]);
      } else currentPort?.postMessage(message);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      clearTimeout(timer);
      live.ended();
      undoCheck();
      endSessions(heartbeat.flags);
      await worker.terminate();
      removeEmpty(groupFolder);
    },
  };
}

function removeEmpty(folder: string | undefined): void {
  try {
    if (folder !== undefined) rmdirSync(folder);
  } catch {
    // Others are in it.
  }
}
