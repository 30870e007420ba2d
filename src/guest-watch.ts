// The watch over stalls for instrumentations in an application's own SDK: an observer without an endpoint, while any of them runs.
import { isMainThread } from 'node:worker_threads';
import { systemClock } from './clock.js';
import { reportFailure } from './diagnostics.js';
import { startDumpRequests } from './dump/dump-after.js';
import { startEndpoint } from './endpoint.js';
import type { Monitor, MonitorDefinition } from './instrumentation.js';
import { type MonitorSettings, monitorsOf } from './monitors.js';
import type { InstrumentationName, ResolvedOptions } from './options.js';
import { createStore } from './recorder/store.js';
import { startSelfMetrics } from './self-metrics.js';
import { sharedState } from './shared-state.js';
import { createStallFigures } from './stalls/tell/stall-figures.js';
import { startWatch } from './watch.js';

/** The monitors that tell the watch what they see; the others need not know when another one begins. */
const TELLERS: ReadonlySet<InstrumentationName> = new Set([
  'event-loop',
  'garbage-collection',
  'http',
  'blocking-calls',
]);

/**
 * Creates the definitions of monitors that share one watch: it starts with the first and stops with the last of them. While
 * somebody else watches there is none; it starts when that ends.
 */
export function createWatchedMonitors(
  options: ResolvedOptions,
  names: readonly InstrumentationName[],
): readonly MonitorDefinition[] {
  const state = sharedState();
  const { lagProbeIntervalMs, functionTime } = options;
  const plain: MonitorSettings = { lagProbeIntervalMs, functionTime };
  const unwatched = monitorsOf(plain);
  const users = new Set<User>();
  let watch: GuestWatch | undefined;

  function acquire(user: User): MonitorSettings {
    if (users.size === 0) {
      watch = attempt('stalls cannot be watched', () => startGuestWatch(options));
      state.guests ??= new Set();
      state.guests.add(resume);
    }
    users.add(user);
    return watch?.settings ?? plain;
  }

  function release(user: User): void {
    if (!users.delete(user) || users.size > 0) return;
    state.guests?.delete(resume);
    watch?.stop();
    watch = undefined;
    resumeGuests();
  }

  function resume(): void {
    const next = attempt('stalls cannot be watched', () => startGuestWatch(options));
    if (next === undefined) return;
    watch = next;
    for (const user of users) attempt('a monitor could not be started again', () => user.restart(next.settings));
  }

  return names.map((name) => ({
    ...unwatched[name],
    start(context) {
      let monitor: Monitor | undefined;
      const user: User = {
        restart(settings) {
          if (!TELLERS.has(name)) return;
          monitor?.stop();
          monitor = monitorsOf(settings)[name].start(context);
        },
      };
      const settings = acquire(user);
      try {
        monitor = monitorsOf(settings)[name].start(context);
        // The stalls are told of whoever found them: `register` may run beside the application's SDK.
        const undo = name === 'event-loop' ? listenForStalls(createStallFigures(context.recorder)) : () => {};
        return {
          stop() {
            undo();
            monitor?.stop();
            release(user);
          },
        };
      } catch (error) {
        release(user);
        throw error;
      }
    },
  }));
}

/** Has one of the instrumentations that are left watch, where nobody does any more. Never throws. */
export function resumeGuests(): void {
  for (const resume of sharedState().guests ?? []) resume();
}

interface User {
  restart(settings: MonitorSettings): void;
}

function attempt<T>(failure: string, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    reportFailure(failure, error);
    return undefined;
  }
}

function listenForStalls(figures: ReturnType<typeof createStallFigures>): () => void {
  const state = sharedState();
  state.stallFigures ??= new Set();
  const { stallFigures } = state;
  stallFigures.add(figures);
  return () => {
    stallFigures.delete(figures);
  };
}

interface GuestWatch extends Monitor {
  readonly settings: MonitorSettings;
}

/** Undefined where loops are not to be watched, or somebody does already; the observer knows the main thread alone. */
function startGuestWatch(options: ResolvedOptions): GuestWatch | undefined {
  const state = sharedState();
  if (!isMainThread || !options.instrumentations['event-loop']) return undefined;
  // Two observers would tell of each stall twice.
  if (state.running !== undefined || state.guest !== undefined) return undefined;
  // Nobody collects it: what monitors record goes to the application's Meter.
  const store = createStore({ clock: systemClock, report: (error) => reportFailure('a collection failed', error) });
  const self = startSelfMetrics(store);
  const { stop: stopWatch, settings, ...watch } = startWatch(options);
  const dumps = startDumpRequests(watch.heartbeat.settings, options.dumpAfterMs);
  const endpoint = startEndpoint({
    ...watch,
    options: { ...options, endpoint: false },
    access: undefined,
    store,
    self,
    onReport: watch.reported,
  });
  let isStopped = false;
  const guest = {
    settings,
    stop() {
      if (isStopped) return;
      isStopped = true;
      if (state.guest === guest) state.guest = undefined;
      for (const monitor of [dumps, self]) monitor.stop();
      stopWatch();
      void endpoint.stop();
    },
  };
  state.guest = guest;
  return guest;
}
