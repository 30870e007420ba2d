// Profiles of this process, taken by the observer on request: one at a time.

import { recordWindow, type WindowOptions } from '../attach/record-window.js';
import { pause } from '../cdp/waiting.js';
import { relayThreads } from '../cdp/worker-threads.js';
import type { Clock } from '../clock.js';
import type { Heartbeat } from '../observer/heartbeat.js';
import type { V8Profile, V8Recording, V8ThreadProfile } from '../profile/v8-profile.js';
import type { Board } from '../worker-board/memory.js';
import type { ContinuousProfile } from './continuous.js';
import { joinWindows } from './join-windows.js';
import { connectToMain } from './main-session.js';
import { type RouteMemory, routesOfSamples } from './route-samples.js';
import { countSampling, countWorkerSampling } from './sampling.js';
import type { ProfileWindows } from './windows.js';
import { isDoneWithin } from './within.js';

/** A recording is under way already. */
export class ProfilerBusy extends Error {
  override readonly name = 'ProfilerBusy';
}

/** Takes profiles of this process. */
export interface Profiler {
  /**
   * Records all that happens from now on for a time. Rejects with ProfilerBusy while another recording is under way, and with a
   * CdpError where the inspector refuses or the process exits.
   */
  record(options: WindowOptions): Promise<V8Recording>;
  /** Ends what is under way. Twice is harmless. */
  stop(): void;
}

export interface ProfilerOptions {
  readonly heartbeat: Pick<Heartbeat, 'flags'>;
  readonly clock: Clock;
  /** What workers are told by that they are sampled; undefined where there is none. */
  readonly board?: Board | undefined;
  /** The profile that runs all the time, where there is one: it is cheaper than a second one. */
  readonly continuous?: ContinuousSource | undefined;
}

/** The profile that runs all the time, and its windows. */
export interface ContinuousSource {
  readonly profile: Pick<ContinuousProfile, 'rotate'>;
  readonly windows: ProfileWindows;
  /** What ran for which route, where that is followed. */
  readonly routes?: Pick<RouteMemory, 'within'>;
  readonly intervalUs: number;
}

/** Creates the profiler; it opens no session before it is asked. */
export function createProfiler({ heartbeat, clock, board, continuous }: ProfilerOptions): Profiler {
  let isBusy = false;
  const ending = new AbortController();

  async function recordAnew(options: WindowOptions, signal: AbortSignal): Promise<V8Recording> {
    const connection = connectToMain(heartbeat);
    const undoCounts = [countSampling(heartbeat), ...(options.threads === 'all' ? [countWorkerSampling(board)] : [])];
    // Only where it is asked for: a worker that is attached notices.
    const relay = options.threads === 'all' ? relayThreads(connection) : undefined;
    const main = { threadId: 0, thread: 'main', connection } as const;
    try {
      const recording = await recordWindow(
        {
          pid: process.pid,
          way: 'observer',
          nodeVersion: process.version,
          title: '',
          mayEvaluate: false,
          threads: relay?.threads ?? (async () => [main]),
          ended: connection.closed,
          detach: async () => {},
        },
        { ...options, signal },
      );
      await Promise.race([relay?.stop(), connection.closed]);
      return recording;
    } finally {
      for (const undo of undoCounts) undo();
      connection.close();
    }
  }

  return {
    async record(options) {
      if (isBusy) throw new ProfilerBusy('a profile is being recorded already');
      isBusy = true;
      const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
      try {
        const isThere =
          continuous !== undefined && options.threads === 'main' && options.intervalUs >= continuous.intervalUs;
        return isThere ? await recordFrom(continuous, options, clock, signal) : await recordAnew(options, signal);
      } finally {
        isBusy = false;
      }
    },
    stop: () => ending.abort(),
  };
}

/** A main thread that is in a native call ends no window; nobody is kept waiting for longer, in milliseconds. */
const ROTATE_MS = 1500;
const NOT_PROFILED = 'Nothing is known of the main thread: it did not answer, because it is in a native call.';
const BEGINS_EARLIER =
  'The main thread was in a native call at the begin: up to ten seconds before it are in the profile, too.';

/** The same out of the windows of the profile that runs all the time. */
async function recordFrom(
  { profile, windows, routes, intervalUs }: ContinuousSource,
  { durationMs }: WindowOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<V8Recording> {
  const isNew = await isDoneWithin(profile.rotate(), ROTATE_MS, signal);
  const unixMs = clock.unixMs();
  const taken = windows.follow();
  try {
    await pause(durationMs, signal);
    await isDoneWithin(profile.rotate(), ROTATE_MS);
    const main = joinWindows(taken.profiles());
    const threads = main === undefined ? [] : [withRoutes(main, routes)];
    const notes = main === undefined ? [NOT_PROFILED] : isNew ? [] : [BEGINS_EARLIER];
    return { pid: process.pid, nodeVersion: process.version, unixMs, intervalUs, threads, notes };
  } finally {
    taken.end();
  }
}

function withRoutes(profile: V8Profile, memory: ContinuousSource['routes']): V8ThreadProfile {
  const windows = memory?.within(profile.startTime / 1000, profile.endTime / 1000) ?? [];
  const routes = routesOfSamples(profile, windows);
  return { thread: 'main', threadId: 0, profile, ...(routes === undefined ? {} : { routes }) };
}
