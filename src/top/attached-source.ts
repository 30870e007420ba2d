// Updates from a process on this machine: windows of all threads' profiles, and how their loops answer.
import { ownsProfiler } from '../attach/compile-anew.js';
import type { Inspected } from '../attach/inspected.js';
import type { CdpThread } from '../cdp/connection.js';
import { abortedAfter, pause, within } from '../cdp/waiting.js';
import type { Clock } from '../clock.js';
import { profileFrom } from '../profile/from-v8.js';
import type { Profile } from '../profile/profile.js';
import { createSources } from '../profile/sources.js';
import type { V8ThreadProfile } from '../profile/v8-profile.js';
import { type ArrivalProbe, startArrivals } from './arrivals.js';
import { BLOCKED_MS, busyShare, type LoopFigures, type TopSource, type TopUpdate } from './figures.js';
import type { ServedLoop, ServedLoops } from './served-loops.js';
import { createWindows, type ProfileWindows } from './windows.js';
import { withoutProbes } from './without-probes.js';

/** How long an update waits for threads that do not answer at once; what they have is in a later one. */
const GRACE_MS = 150;
/** A main thread that does not answer is waited for for a second before it is known as the only thread. */
const FIRST_LOOK_MS = 1500;

/** A loop that is held all the time has a utilization of 1, less what its profile does not see. */
const SLEEPS_BELOW = 0.9;
/** One alone can be that of a callback that was just about to be told of. */
const ODD_WINDOWS = 2;

export interface AttachedOptions {
  readonly windowMs: number;
  readonly intervalUs: number;
  readonly clock: Clock;
  /** The application's folder. */
  readonly root: string;
  /** How its observer says that the loops are; asked where nothing may be evaluated. Never rejects. */
  readonly served?: (() => Promise<ServedLoops | undefined>) | undefined;
  /** What the system tells of a thread that does not answer, as a clause; undefined where it tells nothing. */
  readonly explain?: ((threadId: number) => string | undefined) | undefined;
}

/** The source, and how it is ended. */
export interface AttachedSource extends TopSource {
  /** Ends the profiles that run. Never rejects. */
  stop(): Promise<void>;
}

interface Watch {
  readonly thread: CdpThread;
  readonly windows: ProfileWindows;
  readonly arrivals: ArrivalProbe | undefined;
  /** Windows in which the loop slept while a callback waited for it: its functions for timers are not Node's. */
  oddWindows: number;
}

/** Begins with the first window at once. */
export function watchAttached(inspected: Inspected, options: AttachedOptions): AttachedSource {
  const { windowMs, intervalUs, clock, root } = options;
  const watches = new Map<CdpThread['connection'], Watch>();
  const sources = createSources();
  let served: ReadonlyMap<string, ServedLoop> = new Map();
  const isOwn = ownsProfiler(inspected.pid);
  let dueMs = clock.monotonicMs();
  let isFirst = true;
  const ended = abortedAfter(inspected.ended);

  function watch(thread: CdpThread): Watch {
    const windows = createWindows(thread, { intervalUs, mayEvaluate: inspected.mayEvaluate, isOwn, clock });
    const arrivals = inspected.mayEvaluate ? startArrivals(thread.connection, clock) : undefined;
    const made = { thread, windows, arrivals, oddWindows: 0 };
    watches.set(thread.connection, made);
    void thread.connection.closed.then(() => {
      arrivals?.stop();
      watches.delete(thread.connection);
    });
    return made;
  }

  async function lookForThreads(): Promise<void> {
    for (const thread of await inspected.threads()) if (!watches.has(thread.connection)) watch(thread);
  }

  async function askServed(): Promise<void> {
    if (inspected.mayEvaluate) return;
    const answer = await options.served?.();
    served = new Map((answer?.threads ?? []).map((each) => [each.thread, each]));
  }

  async function turnAll(lookMs = GRACE_MS): Promise<void> {
    await within(lookForThreads(), lookMs);
    await within(Promise.all([askServed(), ...[...watches.values()].map(({ windows }) => windows.turn())]), GRACE_MS);
  }

  function update(unixMs: number): TopUpdate {
    const all = [...watches.values()].sort((a, b) => a.thread.threadId - b.thread.threadId);
    const threads: V8ThreadProfile[] = [];
    for (const { thread, windows } of all) {
      for (const profile of windows.take()) {
        threads.push({ thread: thread.thread, threadId: thread.threadId, profile: withoutProbes(profile) });
      }
    }
    const { pid, nodeVersion, title } = inspected;
    const recording = { pid, nodeVersion, unixMs, intervalUs, threads, notes: [] };
    const profile = threads.length === 0 ? undefined : profileFrom(recording, { title, root, sources });
    const main = all.find(({ thread }) => thread.threadId === 0);
    const mainAnswers = main?.windows.isWaiting !== true;
    const loops = all.map((each) => loopOf(each, profile, mainAnswers));
    return { profile, loops, notes: notesOf(all) };
  }

  function loopOf(each: Watch, profile: Profile | undefined, mainAnswers: boolean): LoopFigures {
    const { thread, windows, arrivals } = each;
    const { threadId } = thread;
    const utilization = busyShare(profile, threadId);
    const told = served.get(thread.thread);
    if (told !== undefined) return servedLoop(thread, told, utilization);
    const { lagMs, worstLagMs, waitingMs } = arrivals?.read() ?? {
      lagMs: undefined,
      worstLagMs: undefined,
      waitingMs: 0,
    };
    // Workers are asked through the main thread.
    const isReached = threadId === 0 || mainAnswers;
    const isOdd = !windows.isWaiting && waitingMs > windowMs && utilization !== undefined && utilization < SLEEPS_BELOW;
    each.oddWindows = waitingMs <= windowMs ? 0 : each.oddWindows + Number(isOdd);
    if (isFaked(each) || !isReached) {
      return { thread: thread.thread, threadId, utilization, lagMs: undefined, worstLagMs: undefined, blockedMs: 0 };
    }
    const isBlocked = waitingMs > BLOCKED_MS;
    return {
      thread: thread.thread,
      threadId,
      utilization: utilization ?? (isBlocked ? 1 : undefined),
      lagMs,
      worstLagMs,
      blockedMs: isBlocked ? waitingMs : 0,
      blockedBy: isBlocked ? blockedBy(windows, threadId) : undefined,
    };
  }

  // Code that answers is in the profile.
  function blockedBy(windows: ProfileWindows, threadId: number): string | undefined {
    return windows.isWaiting
      ? (options.explain?.(threadId) ?? 'it is in a native call, waits, or gets no processor')
      : undefined;
  }

  return {
    title: inspected.title,
    pid: inspected.pid,
    nodeVersion: inspected.nodeVersion,
    async next(signal) {
      if (isFirst) {
        isFirst = false;
        await turnAll(FIRST_LOOK_MS);
        dueMs = clock.monotonicMs();
      }
      dueMs = Math.max(dueMs + windowMs, clock.monotonicMs() + windowMs / 2);
      await pause(dueMs - clock.monotonicMs(), signal, ended);
      if (signal.aborted || ended.aborted) return undefined;
      const unixMs = Date.now() - windowMs;
      await turnAll();
      return signal.aborted || ended.aborted ? undefined : update(unixMs);
    },
    async stop() {
      for (const { arrivals } of watches.values()) arrivals?.stop();
      await within(Promise.all([...watches.values()].map(({ windows }) => windows.stop())), GRACE_MS);
    },
  };
}

function servedLoop({ thread, threadId }: CdpThread, told: ServedLoop, utilization: number | undefined): LoopFigures {
  return {
    thread,
    threadId,
    utilization: utilization ?? (told.blockedMs > BLOCKED_MS ? 1 : (told.utilization ?? undefined)),
    lagMs: told.lagMeanMs ?? undefined,
    worstLagMs: Math.max(told.lagP99Ms ?? 0, told.blockedMs),
    isP99: true,
    blockedMs: told.blockedMs > BLOCKED_MS ? told.blockedMs : 0,
  };
}

function isFaked({ oddWindows }: Watch): boolean {
  return oddWindows >= ODD_WINDOWS;
}

function notesOf(all: readonly Watch[]): readonly string[] {
  const faked = all.filter(isFaked).map(({ thread }) => thread.thread);
  return faked.length === 0 ? [] : [`Timers are replaced in ${faked.join(', ')}, so that its lag cannot be measured.`];
}
