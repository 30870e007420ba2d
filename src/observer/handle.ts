// The main thread's side of the observer: starts it, answers its requests for snapshots, and starts it again if it ends.
import { rmdirSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { RegistriesReader } from '../bridges/registries-reader.js';
import { markOwn } from '../own.js';
import type { Snapshot } from '../prometheus/snapshot.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { forgetCaptures } from '../stalls/loop/capturing.js';
import type { SpinReport } from '../stalls/watch/spin-report.js';
import { openBoard } from '../worker-board/memory.js';
import { openHeartbeat } from './heartbeat.js';
import { createLiveRequests, type LiveFigures } from './live-requests.js';
import type { Endpoint, MainMessage, ObserverData, ObserverMessage } from './messages.js';
import { OBSERVER_PROGRAM } from './program.js';
import { createRegistriesSender, type RegistriesSender } from './registries-sender.js';
import { type Allocate, createSharedValues } from './shared-values.js';
import { watchLooks } from './watch-looks.js';

/** Waits before the restarts; after the last one the observer stays away. */
const RESTART_DELAYS_MS = [1_000, 10_000, 60_000] as const;

/** Enough for 10,000 series and their text; beyond it the observer ends and is started again, the application is not touched. */
const HEAP_LIMIT_MB = 256;

/** Text is short-lived: left to itself, the young generation grows to three times this and the process keeps it. */
const YOUNG_HEAP_MB = 4;

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

/** A SnapshotReader, or one over an SDK, which takes a while; then it is read again only when it has answered. */
export interface FigureReader {
  read(allocate: Allocate): Snapshot | Promise<Snapshot>;
  close(): void;
}

interface OpenFigures {
  read(): Snapshot | Promise<Snapshot>;
  close(): void;
}

/** A running observer. */
export interface ObserverHandle {
  /** Lets the process wait for the word of the endpoint, which comes once; otherwise the observer keeps nothing alive. */
  awaitEndpoint(): void;
  /** The figures that the observer reads itself; as of an earlier call where it does not answer, undefined before the first. */
  readLive(): Promise<LiveFigures | undefined>;
  /** Ends the observer; resolves when its port is free. */
  stop(): Promise<void>;
}

/** Starts the observer thread. Throws what `new Worker` throws where workers are not allowed. */
export function startObserver(options: ObserverOptions): ObserverHandle {
  let restarts = 0;
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
    const allocate = createSharedValues();
    const reader = { read: () => figures.read(allocate), close: () => figures.close() };
    const registries = createRegistriesSender(ours, options.openRegistries?.(), options.report);
    const { host, access, constantLabels, resource, processFigures, acceptQueue, watched, stalls, exposition, group } =
      options;
    const data: ObserverData = {
      port: theirs,
      heartbeat: options.heartbeat,
      board: options.board,
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
      ...(exposition === undefined ? {} : { exposition }),
      ...(group === undefined ? {} : { group }),
    };
    let started: Worker;
    try {
      started = new Worker(options.program ?? OBSERVER_PROGRAM, {
        eval: true,
        name: 'loopsight-observer',
        workerData: data,
        transferList: [theirs],
        // Nothing that this process was started with may run in the observer: --require and --import would load us again.
        execArgv: [],
        env: {},
        trackUnmanagedFds: false,
        // Nothing is written to them; without these options the constructor opens process.stdout and stderr of the application.
        stdout: true,
        stderr: true,
        resourceLimits: {
          maxOldGenerationSizeMb: HEAP_LIMIT_MB,
          maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
          stackSizeMb: 4,
        },
      });
    } catch (error) {
      reader.close();
      ours.close();
      throw error;
    }
    markOwn(started);
    // A warning that Node writes there would keep the application alive until somebody reads it.
    started.stdout.destroy();
    started.stderr.destroy();
    ours.on('message', (message: ObserverMessage) => answer(message, ours, reader, registries));
    ours.unref();
    currentPort = ours;
    let failure: unknown = 'it ended';
    started.on('error', (error) => {
      failure = error;
      options.report('the observer thread failed', error);
    });
    started.on('exit', () => {
      reader.close();
      ours.close();
      live.ended();
      forgetCaptures(heartbeat, board);
      if (told) scheduleRestart();
      else if (!stopped) options.onStartFailed(failure);
    });
    started.unref();
    live.begun();
    return started;
  }

  function scheduleRestart(): void {
    const delayMs = RESTART_DELAYS_MS[restarts];
    if (stopped || delayMs === undefined) return;
    restarts++;
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

  function answer(
    message: ObserverMessage,
    port: MessagePort,
    reader: OpenFigures,
    registries: RegistriesSender,
  ): void {
    if (message.type === 'collect') sendSnapshot(port, reader, registries, options);
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
    async stop() {
      if (stopped) return;
      stopped = true;
      clearTimeout(timer);
      live.ended();
      undoCheck();
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

function sendSnapshot(
  port: MessagePort,
  reader: OpenFigures,
  registries: RegistriesSender,
  { onSnapshot, report }: ObserverOptions,
): void {
  const start = performance.now();
  const hasRegistries = registries.hasAny;
  const tell = (message: MainMessage) => port.postMessage(message);
  const send = (snapshot: Snapshot) => tell({ type: 'snapshot', snapshot, registries: hasRegistries });
  const fail = (error: unknown) => {
    report('a collection failed', error);
    tell({ type: 'collect-failed' });
  };
  try {
    const reading = reader.read();
    if (reading instanceof Promise) {
      tell({ type: 'collecting' });
      reading.then(send).catch(fail);
    } else send(reading);
  } catch (error) {
    fail(error);
  }
  onSnapshot((performance.now() - start) / 1000);
  // Ours first: theirs are as costly as the application made them.
  if (hasRegistries) registries.send();
}
