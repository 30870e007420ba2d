// Everything that the observer profiles: on request, and all the time where that is asked for.
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import type { Heartbeat } from '../observer/heartbeat.js';
import type { ProfileSettings } from '../observer/messages.js';
import type { Store } from '../recorder/store.js';
import type { RouteNews } from '../route-windows.js';
import type { StallEvidence, TimedCapture } from '../stalls/blame/evidence.js';
import type { Frame } from '../stalls/blame/frames.js';
import type { Board } from '../worker-board/memory.js';
import { readSchedule } from '../worker-board/see-threads.js';
import { startContinuous } from './continuous.js';
import { createCpuTime } from './cpu-time.js';
import { type ContinuousSource, createProfiler, type Profiler } from './profiler.js';
import { createRouteCpuTime } from './route-cpu-time.js';
import { createRouteMemory } from './route-samples.js';
import { samplesOf } from './stall-samples.js';
import { createProfileWindows } from './windows.js';
import { isDoneWithin } from './within.js';

export interface ProfilingOptions {
  readonly heartbeat: Heartbeat;
  readonly clock: Clock;
  readonly board: Board | undefined;
  readonly store: Store;
  /** How the main thread is profiled all the time; undefined where it is not. */
  readonly settings: ProfileSettings | undefined;
  /** The application's folder. */
  readonly root: string;
  readonly mapped: (frame: Frame) => Frame;
  readonly report: (cause: string, error: unknown) => void;
}

/** Profiles of this process. */
export interface Profiling extends Monitor {
  readonly profiler: Profiler;
  /** What was seen of a stall of the main thread that is over; undefined where it is not profiled all the time. */
  readonly seenOf: ((stall: StallEvidence) => Promise<readonly TimedCapture[]>) | undefined;
  /** Takes what the main thread ran for which route. */
  takeRoutes(news: RouteNews): void;
}

/** A main thread that is held again already does not give its profile; the stall is told of without it after this time. */
const SEEN_WITHIN_MS = 500;

/** Starts profiling; without `settings` nothing runs until somebody asks. */
export function startProfiling(options: ProfilingOptions): Profiling {
  const { heartbeat, clock, board, settings } = options;
  const continuous = settings === undefined ? undefined : startContinuousSource(options, settings);
  const profiler = createProfiler({ heartbeat, clock, board, continuous });
  return {
    profiler,
    seenOf:
      continuous === undefined
        ? undefined
        : async (stall) => {
            await isDoneWithin(continuous.profile.rotate(), SEEN_WITHIN_MS);
            return samplesOf(stall, continuous.windows.within(stall.fromMs, stall.toMs), continuous.ownFolder);
          },
    takeRoutes: (news) => continuous?.takeRoutes(news),
    stop() {
      profiler.stop();
      continuous?.stop();
    },
  };
}

function startContinuousSource(
  { heartbeat, store, root, mapped, report }: ProfilingOptions,
  { intervalUs, ownFolder }: ProfileSettings,
): ContinuousSource & Monitor & Pick<ProfileSettings, 'ownFolder'> & Pick<Profiling, 'takeRoutes'> {
  const windows = createProfileWindows();
  const routes = createRouteMemory();
  const counting = {
    recorder: store,
    root,
    ownFolder,
    mapped,
    // Linux numbers the main thread as the process.
    threadCpuS: () => readSchedule(process.pid)?.cpuS ?? Number.NaN,
  };
  const cpuTime = createCpuTime(counting);
  const routeCpuTime = createRouteCpuTime({ ...counting, windows });
  const profile = startContinuous({
    heartbeat,
    intervalUs,
    onWindow(profile) {
      const window = windows.add(profile);
      cpuTime.add(window);
      routeCpuTime.profiled(window.toMs);
    },
    report,
  });
  return {
    profile,
    windows,
    routes,
    intervalUs,
    ownFolder,
    takeRoutes(news) {
      if ('window' in news) routes.add(news.window);
      routeCpuTime.take(news);
      // So that what it says is not ten seconds old.
      if ('window' in news) void profile.rotate();
    },
    stop() {
      profile.stop();
      cpuTime.stop();
      routeCpuTime.stop();
    },
  };
}
