// Starts everything that `loopsight/register` runs: the store, the monitors, and the endpoint in its own thread.
import { openPoolUse } from '../instrumentations/thread-pool/pool-use.js';
import { openAccess } from './access/open-access.js';
import { systemClock } from './clock.js';
import { readConfigFile } from './config-file/read-config.js';
import { reportFailure } from './diagnostics.js';
import { startDumpRequests } from './dump/dump-after.js';
import { type EndpointHandle, startEndpoint } from './endpoint.js';
import { createFigureSource } from './figures.js';
import { applicationEnvironment } from './group/pm2.js';
import { resumeGuests } from './guest-watch.js';
import type { Monitor } from './instrumentation.js';
import { type MonitorSettings, monitorsOf } from './monitors.js';
import type { Endpoint } from './observer/messages.js';
import { INSTRUMENTATION_NAMES, type LoopsightOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { checkProfileEndpoint, isProfiled } from './profiling/may-profile.js';
import { createStore, type Store } from './recorder/store.js';
import { startSelfMetrics } from './self-metrics.js';
import { limitOf, reportOverflow } from './series-limits.js';
import { sharedState } from './shared-state.js';
import { startTrace } from './trace-patterns/start-trace.js';
import { startTraces, type TracesHandle } from './traces/start-traces.js';
import { startWatch } from './watch.js';

/** A running Loopsight. */
export interface LoopsightHandle {
  /**
   * Where the metrics are served; undefined when there is no endpoint (port in use, not allowed, switched off).
   * Asking for it lets the process live until the answer is there; nothing else of ours does.
   */
  readonly endpoint: Promise<Endpoint | undefined>;
  /** Ends everything and puts back what was patched; stopping twice is harmless. Resolves when the port is free and spans are exported. */
  stop(): Promise<void>;
}

const NOTHING: LoopsightHandle = { endpoint: Promise.resolve(undefined), stop: () => Promise.resolve() };

/**
 * Starts lag, process, HTTP, queue, worker and function metrics and serves them at `/metrics`.
 * Options that are not given come from the environment, then from `loopsight.config.json`, then from the defaults. While
 * one runs, it is returned again.
 * Throws a TypeError that quotes name, bound and value of a bad option or variable; nothing throws after that.
 *
 * @example
 * const loopsight = start({ port: 0 });
 * const endpoint = await loopsight.endpoint;
 * console.log(endpoint?.url);
 * await loopsight.stop();
 */
export function start(options: LoopsightOptions = {}): LoopsightHandle {
  const environment = applicationEnvironment();
  const file = readConfigFile({ environment });
  const resolved = resolveOptions(options, environment, file?.options);
  if (resolved === undefined) return NOTHING;
  const state = sharedState();
  if (state.running !== undefined) {
    if (state.settings !== undefined) state.settings.ignored = options;
    return state.running as LoopsightHandle;
  }
  const access = openAccess(resolved, { given: options, log: resolved.log });
  checkProfileEndpoint(resolved.endpoint && resolved.profileEndpoint, access);
  state.settings = { given: options, resolved, ...(file === undefined ? {} : { file }) };
  state.said = [];
  state.searchesRegistries = resolved.promClient;

  const traces = resolved.traces ? startTraces(resolved) : undefined;
  const store = createStore({
    clock: systemClock,
    limitOf: (metric) => limitOf(metric, resolved),
    onOverflow: reportOverflow,
    exemplars: resolved.exemplars,
    report: (error) => reportFailure('a collection callback failed', error),
  });
  // Two observers would tell of each stall twice.
  state.guest?.stop();
  const watch = startWatch(resolved);
  const { heartbeat, board, liveCalls, capture } = watch;
  const self = startSelfMetrics(store);
  const poolUse = resolved.instrumentations['thread-pool'] ? openPoolUse() : undefined;
  // Before anything else is loaded: what is loaded after it is wrapped.
  const tracing = startTrace(resolved);
  const followsRoutes = resolved.profileRoutes && isProfiled(resolved, capture);
  const monitors = startMonitors(store, resolved, {
    ...watch.settings,
    poolUse,
    onRoutes: followsRoutes ? (news) => endpoint.tellRoutes(news) : undefined,
  });
  const dumps = startDumpRequests(heartbeat.settings, resolved.dumpAfterMs);
  const endpoint = startEndpoint({
    options: resolved,
    access,
    store,
    self,
    heartbeat,
    board,
    liveCalls,
    capture,
    poolUse: poolUse?.buffer,
    onReport: watch.reported,
  });
  const { live, constantLabels, resource } = endpoint;
  const figures = createFigureSource({ store, live, constantLabels, resource, report: reportFailure });
  const handle = createHandle(
    endpoint,
    [tracing, ...monitors, dumps, watch, self, { stop: () => figures.close() }],
    traces,
  );
  state.running = handle;
  state.figures = figures;
  state.access = access;
  return handle;
}

/** The Loopsight that runs in this process, whoever started it. */
export function current(): LoopsightHandle | undefined {
  return sharedState().running as LoopsightHandle | undefined;
}

function startMonitors(store: Store, options: ResolvedOptions, settings: MonitorSettings): Monitor[] {
  const definitions = monitorsOf(settings);
  const context = { recorder: store, clock: systemClock, shared: false, report: reportFailure };
  const running: Monitor[] = [];
  for (const name of INSTRUMENTATION_NAMES) {
    // The process figures are read by whoever serves the endpoint (endpoint.ts).
    if (!options.instrumentations[name] || name === 'process') continue;
    try {
      running.push(definitions[name].start(context));
    } catch (error) {
      reportFailure(`the ${name} instrumentation could not start`, error);
    }
  }
  return running;
}

function createHandle(
  endpoint: EndpointHandle,
  monitors: readonly Monitor[],
  traces: TracesHandle | undefined,
): LoopsightHandle {
  let stopping: Promise<void> | undefined;
  const handle: LoopsightHandle = {
    get endpoint() {
      return endpoint.endpoint;
    },
    stop() {
      if (stopping === undefined) {
        const state = sharedState();
        if (state.running === handle) {
          state.running = undefined;
          state.figures = undefined;
          state.access = undefined;
        }
        // The last one first: two may have wrapped the same function of Node.
        for (const monitor of [...monitors].reverse()) monitor.stop();
        resumeGuests();
        stopping = Promise.all([endpoint.stop(), traces?.stop()]).then(() => undefined);
      }
      return stopping;
    },
  };
  return handle;
}
