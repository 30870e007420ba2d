// Where the metrics are served: by the observer thread, or by this one where no thread may be started, or nowhere.
import { resolve } from 'node:path';
import type { Access } from './access/guard.js';
import { applicationRoot } from './application-root.js';
import { openServedRegistries } from './bridges/serve-registry.js';
import { systemClock } from './clock.js';
import { reportFailure, reportObstacle } from './diagnostics.js';
import { mayUseFolder, socketFolders } from './dump/socket-place.js';
import { ownGroup } from './group/own-group.js';
import type { Monitor } from './instrumentation.js';
import { logFormat, logLine } from './log.js';
import { withoutGauges } from './observer/exposition.js';
import { type ObserverHandle, startObserver } from './observer/handle.js';
import type { Heartbeat } from './observer/heartbeat.js';
import { startInThread } from './observer/in-thread.js';
import { openLiveFigures } from './observer/live-here.js';
import type { Endpoint } from './observer/messages.js';
import { startStallsHere } from './observer/stalls-here.js';
import type { ResolvedOptions } from './options.js';
import { ownFolder } from './own-folder.js';
import { whyNoPage } from './page/may-show.js';
import { isProfiled } from './profiling/may-profile.js';
import { nodeProfilesHere } from './profiling/node-profiles.js';
import type { SeriesTable } from './prometheus/snapshot.js';
import type { Store } from './recorder/store.js';
import { describeResource } from './resource.js';
import type { RouteNews } from './route-windows.js';
import type { SelfMetrics } from './self-metrics.js';
import { sharedState } from './shared-state.js';
import type { StallReport } from './stalls/blame/stall-report.js';
import { captureObstacle } from './stalls/loop/can-capture.js';
import { createStallTeller } from './stalls/tell/tell-application.js';
import type { SpinReport } from './stalls/watch/spin-report.js';
import type { Board } from './worker-board/memory.js';

export interface EndpointOptions {
  readonly options: ResolvedOptions;
  /** Who may scrape. @default everybody, over plain HTTP */
  readonly access?: Access | undefined;
  readonly store: Store;
  readonly self: SelfMetrics;
  readonly heartbeat: Heartbeat;
  /** Where worker threads write their lag. */
  readonly board: Board | undefined;
  /** Where traced calls are written. */
  readonly liveCalls?: SharedArrayBuffer | undefined;
  /** What the main thread has given to the thread pool; without it the pool is not read. */
  readonly poolUse?: SharedArrayBuffer | undefined;
  /** Whether stacks may be captured. */
  readonly capture: boolean;
  /** Told of each stall, beside the application. */
  readonly onReport: (report: StallReport) => void;
}

/** The endpoint, which may still be on its way up. */
export interface EndpointHandle {
  /** Asking for it lets the process live until the endpoint is up or is known not to come. */
  readonly endpoint: Promise<Endpoint | undefined>;
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** The figures that are not in the store; without gauges as of an earlier call where the observer does not answer. */
  live(): Promise<SeriesTable | undefined>;
  /** Hands over what ran for which route to whoever profiles; false where nobody does. */
  tellRoutes(news: RouteNews): boolean;
  stop(): Promise<void>;
}

/** Starts the endpoint; whatever goes wrong is one line in the log and no endpoint. */
export function startEndpoint(given: EndpointOptions): EndpointHandle {
  const { options, store, self, heartbeat, board, capture, onReport } = given;
  const { resource, constantLabels } = describeResource(options);
  const say = (sentence: string) => {
    sharedState().said?.push(sentence);
    if (options.log) logLine(sentence);
  };
  const serves = options.endpoint && mayListen(options);
  const watches = options.instrumentations['event-loop'];
  if (options.endpoint && options.hostIsDefault && process.env.KUBERNETES_SERVICE_HOST !== undefined) {
    say(
      'in Kubernetes set OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0, or Prometheus cannot reach the endpoint on 127.0.0.1',
    );
  }
  const shared = {
    host: options.host,
    access: given.access,
    constantLabels,
    resource,
    processFigures: options.instrumentations.process,
    acceptQueue: options.instrumentations.connections,
    poolUse: given.poolUse,
    report: reportFailure,
  };

  const servesPage = () => {
    if (!options.page || !serves) return false;
    const reason = whyNoPage(options.host, given.access);
    if (reason !== undefined) say(reason);
    return reason === undefined;
  };

  const servesProfiles = () => {
    if (!options.profileEndpoint || !serves) return false;
    if (!watches || !capture) say(`profiles are not served: ${profileObstacle(options)}`);
    return watches && capture;
  };

  let settle: (endpoint: Endpoint | undefined) => void = () => {};
  const endpoint = new Promise<Endpoint | undefined>((resolve) => {
    settle = resolve;
  });
  const failed = (code: string, message: string) => {
    say(describeFailure(options, code, message));
    settle(undefined);
  };
  let observer: ObserverHandle | undefined;
  let inThread: Promise<{ stop(): Promise<void> } | undefined> | undefined;

  const watching = {
    thresholdMs: options.stallThresholdMs,
    root: applicationRoot(),
    log: logFormat(options.log),
  } as const;
  const onStall = createStallTeller({ ...options, onReport });
  const profiles = isProfiled(options, capture);
  if (options.profile && !profiles) say(`the program is not profiled: ${profileObstacle(options)}`);
  if (profiles) {
    sharedState().said?.push(UTILIZATION_SWAP);
    reportObstacle(UTILIZATION_SWAP);
  }
  let stallsHere: Monitor | undefined;
  let isHere = false;
  let liveHere: ReturnType<typeof openLiveFigures> | undefined;

  const serveHere = () => {
    isHere = true;
    if (options.page && serves) say('the live page is not served: it needs the observer thread');
    if (options.profileEndpoint && serves) say('profiles are not served: they need the observer thread');
    if (watches) {
      const { report } = shared;
      stallsHere = startStallsHere({ settings: watching, clock: systemClock, heartbeat, store, tell: onStall, report });
    }
    if (!serves) {
      settle(undefined);
      return;
    }
    inThread = startInThread({
      ...shared,
      clock: systemClock,
      store,
      registries: openServedRegistries(),
      board,
      port: options.port,
    }).then(
      (server) => {
        settle(server.endpoint);
        return server;
      },
      (error: NodeJS.ErrnoException) => {
        failed(error.code ?? 'unknown', error.message);
        return undefined;
      },
    );
  };
  const serveHereInstead = (error: unknown) => {
    const lost = serves ? 'scrapes wait while the main thread is blocked' : 'nobody sees what blocks the main thread';
    // Where there is no endpoint although there should be one, that was said already.
    if (serves || !options.endpoint) say(`the observer thread could not start (${messageOf(error)}), so ${lost}`);
    serveHere();
  };

  if (options.endpoint && !serves) failed('ERR_ACCESS_DENIED', 'the permission model does not allow the network');
  // Without an endpoint there are still the stalls: to be logged, and told to the application.
  if (options.observer && (serves || watches)) {
    try {
      observer = startObserver({
        ...shared,
        listenPort: serves ? options.port : undefined,
        heartbeat: heartbeat.buffer,
        board: board?.buffer,
        liveCalls: given.liveCalls,
        watched: watches,
        stalls: {
          ...watching,
          capture,
          exemplars: options.exemplars,
          unhealthyAfterMs: options.unhealthyAfterMs,
          stallFile: options.stallFile === undefined ? '' : resolve(options.stallFile),
          socketFolders: options.socket ? socketFolders().filter(mayUseFolder) : [],
        },
        profile: profiles ? { intervalUs: options.profileIntervalMs * 1000, ownFolder: ownFolder() } : undefined,
        group: ownGroup(options),
        page: servesPage(),
        profileEndpoint: servesProfiles(),
        onStall,
        onSpin: countSpin,
        open: () => store.open(),
        openRegistries: openServedRegistries,
        onListening: settle,
        onRunning: () => settle(undefined),
        onListenFailed: failed,
        onStartFailed: serveHereInstead,
        onRestart: () => self.observerRestarted(),
        onObstacle: reportObstacle,
        onSnapshot: (seconds) => self.snapshotTook(seconds),
      });
    } catch (error) {
      serveHereInstead(error);
    }
  } else serveHere();
  return {
    get endpoint() {
      observer?.awaitEndpoint();
      return endpoint;
    },
    constantLabels,
    resource,
    async live() {
      if (isHere) {
        liveHere ??= openLiveFigures({ board, ...shared });
        return liveHere.read();
      }
      const figures = await observer?.readLive();
      return figures === undefined || figures.isFresh ? figures?.table : withoutGauges(figures.table);
    },
    tellRoutes(news) {
      if (observer === undefined || isHere) return false;
      observer.tellRoutes(news);
      return true;
    },
    async stop() {
      settle(undefined);
      stallsHere?.stop();
      liveHere?.stop();
      await observer?.stop();
      await (await inThread)?.stop();
    },
  };
}

function countSpin(spin: SpinReport): void {
  for (const figures of sharedState().stallFigures ?? []) {
    try {
      figures.countSpin(spin);
    } catch (error) {
      reportFailure('a spinning loop could not be counted', error);
    }
  }
}

// Where there is a right to the network, to listen without it is an uncaught exception of the application, in a later turn.
function mayListen({ host, port }: ResolvedOptions): boolean {
  const { Deno: deno } = globalThis as { readonly Deno?: DenoRights };
  if (deno !== undefined)
    return deno.permissions.querySync({ name: 'net', host: `${host}:${port}` }).state === 'granted';
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  if (permission === undefined || !process.allowedNodeEnvironmentFlags.has('--allow-net')) return true;
  return permission.has('net');
}

/** Deno refuses everything that it was not told to allow. */
interface DenoRights {
  readonly permissions: { querySync(right: { name: 'net'; host: string }): { readonly state: string } };
}

function describeFailure({ host, port }: ResolvedOptions, code: string, message: string): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is in use, so there is no endpoint; set OTEL_EXPORTER_PROMETHEUS_PORT to a free port, or 0 to pick one`;
  }
  return `there is no endpoint on ${host}:${port} (${code}: ${message})`;
}

const UTILIZATION_SWAP =
  'while the program is profiled, the idle time of its loop is told from the CPU time of its thread: libuv does not count a sleep that the profiler interrupts';

function profileObstacle({ observer, instrumentations, blame }: ResolvedOptions): string {
  if (!observer) return 'that needs the observer thread';
  if (!instrumentations['event-loop']) return 'that needs the event-loop instrumentation';
  if (!blame) return 'that needs LOOPSIGHT_BLAME=on';
  const obstacle = captureObstacle();
  const profiledBy = nodeProfilesHere();
  if (obstacle === undefined && profiledBy !== undefined) return `Node itself does that, because of ${profiledBy}`;
  return obstacle ?? 'the inspector is not allowed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
