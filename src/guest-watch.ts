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

/** Creates the definitions of monitors that share one watch: it starts with the first and stops with the last of them. */
export function createWatchedMonitors(
  options: ResolvedOptions,
  names: readonly InstrumentationName[],
): readonly MonitorDefinition[] {
  const plain: MonitorSettings = { lagProbeIntervalMs: options.lagProbeIntervalMs };
  const unwatched = monitorsOf(plain);
  let users = 0;
  let watch: GuestWatch | undefined;

  function acquire(): MonitorSettings {
    if (users++ === 0) watch = attempt(() => startGuestWatch(options));
    return watch?.settings ?? plain;
  }

  function release(): void {
    if (--users > 0) return;
    watch?.stop();
    watch = undefined;
  }

  return names.map((name) => ({
    ...unwatched[name],
    start(context) {
      const settings = acquire();
      try {
        const monitor = monitorsOf(settings)[name].start(context);
        // The stalls are told of whoever found them: `register` may run beside the application's SDK.
        const undo = name === 'event-loop' ? listenForStalls(createStallFigures(context.recorder)) : () => {};
        return {
          stop() {
            undo();
            monitor.stop();
            release();
          },
        };
      } catch (error) {
        release();
        throw error;
      }
    },
  }));
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    reportFailure('stalls cannot be watched', error);
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

/** Undefined where loops are not to be watched, or `start()` watches them already; the observer knows the main thread alone. */
function startGuestWatch(options: ResolvedOptions): GuestWatch | undefined {
  const state = sharedState();
  if (!isMainThread || !options.instrumentations['event-loop'] || state.running !== undefined) return undefined;
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
