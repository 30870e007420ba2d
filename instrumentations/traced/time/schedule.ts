// When calls are measured: in windows of a second at random times, or as long as somebody asks for.
import { AsyncLocalStorage } from 'node:async_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { CallTimes, MeasurableCall, MeasuredCall } from '../../../src/call-times.js';
import type { Clock } from '../../../src/clock.js';
import { whenWhereIsWanted } from '../../../src/live-calls/live-notes.js';
import type { FollowedRequest, RequestFollower } from '../../../src/route-windows.js';
import { sharedState } from '../../../src/shared-state.js';
import type { OpenCall } from './measured-call.js';
import type { RequestTrail } from './request-trail.js';
import { openWindow, type Window } from './window.js';

/** When windows are open, in milliseconds. */
export interface Timing {
  /** One window in each period, at a random time. */
  readonly periodMs: number;
  /** Calls that begin in this time are measured, … */
  readonly windowMs: number;
  /** … and followed for so long after it. */
  readonly tailMs: number;
  /** The first window comes so soon after the first call that was suspended, or up to twice as late. */
  readonly firstMs: number;
  /** What the hooks of all windows may cost, as a share of the time. */
  readonly budget: number;
}

const TIMING: Timing = { periodMs: 30_000, windowMs: 1000, tailMs: 1000, firstMs: 500, budget: 0.002 };

/** The share of a window's budget that is for its hooks; the rest is for its opening and its end. */
const FOR_HOOKS = 0.8;
/** Resources that one window follows at most, in 5 bytes each. */
const ID_LIMIT = 1 << 19;
/** The same for those who ask. */
const ID_LIMIT_ON_DEMAND = 1 << 24;

export interface ScheduleOptions {
  readonly clock: Clock;
  readonly report: (cause: string, error: unknown) => void;
  /** Random numbers from 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** @default a second in each 30 s, at 0.2 % of the time */
  readonly timing?: Timing;
}

/** Whether calls are measured in windows, or only when somebody asks. */
export type Measuring = 'sampled' | 'on-demand';

/** What is told of each call that was measured on demand; times in milliseconds. */
export type OnCall = (call: OpenCall, wallMs: number, idleMs: number, isCut: boolean) => void;

/** Measures the calls of this thread for all that want it; windows are held as long as one of them does. */
export interface Schedule extends CallTimes {
  /** What measuring has cost so far, in milliseconds by its own clock. */
  readonly costMs: number;
  /** Has calls measured; returns the undo. */
  use(measuring: Measuring): () => void;
  /** Measures each call that begins from now on for `forMs`; `onEnd` follows when all of them have ended or were cut. */
  measure(forMs: number, request: { readonly onCall: OnCall; readonly onEnd: () => void }): void;
  /** Has requests followed in windows, until its undo; `follower` is told of them. */
  followRequests(follower: RequestFollower): () => void;
  /** A request begins in the current callback; undefined where it is not followed. */
  beginRequest(): FollowedRequest | undefined;
}

// Our timers must not keep the context of the request in which they are armed.
const runOutsideRequests = AsyncLocalStorage.snapshot();
const nothing = (): void => {};

/** The schedule of this thread, made on first use. */
export function scheduleOf(options: ScheduleOptions): Schedule {
  const state = sharedState();
  state.callTimes ??= createSchedule(options, () => {
    state.callTimes = undefined;
  });
  return state.callTimes as Schedule;
}

/** Creates a schedule; `onUnused` is told when nobody uses it any more. */
export function createSchedule(options: ScheduleOptions, onUnused: () => void = nothing): Schedule {
  const { clock, report, random = Math.random, timing = TIMING } = options;
  const { periodMs, windowMs, tailMs, firstMs, budget } = timing;
  const spareMs = periodMs - windowMs - tailMs;
  const nowMs = () => clock.monotonicMs();
  const users = new Map<object, Measuring>();
  let window: Window | undefined;
  /** Of a window that somebody asked for. */
  let isOnDemand = false;
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  let hasSuspended = false;
  let periodEndMs = 0;
  /** When the next window is to open; 0 where none is. */
  let dueMs = 0;
  let costMs = 0;
  /** What windows may still cost: one that was dearer than planned shortens the next. */
  let creditMs = 0;
  let undoWhere = nothing;
  /** Whether somebody wants calls to be measured in windows. */
  let samplesCalls = false;
  let follower: RequestFollower | undefined;
  /** What the next window of requests stands for; undefined where there were no requests since the last one. */
  let sinceMs: number | undefined;

  function wait(delayMs: number, then: () => void, isKeptAlive = false): void {
    clearTimeout(timer);
    runOutsideRequests(() => {
      timer = setTimeout(then, delayMs);
      if (!isKeptAlive) timer.unref();
    });
  }

  function open(forMs: number, request: { onCall: OnCall; onEnd: () => void; hasPlaces: boolean } | undefined): void {
    window?.close();
    isDue = true;
    isOnDemand = request !== undefined;
    if (!isOnDemand) {
      creditMs = Math.min(creditMs + budget * periodMs, budget * periodMs);
      if (creditMs <= 0) {
        plan();
        return;
      }
    }
    const opened = openWindow({
      nowMs,
      report,
      idLimit: isOnDemand ? ID_LIMIT_ON_DEMAND : ID_LIMIT,
      budgetMs: isOnDemand ? Number.POSITIVE_INFINITY : creditMs * FOR_HOOKS,
      hasPlaces: request?.hasPlaces ?? false,
      // At random times alone.
      hasRequests: request === undefined && follower !== undefined,
      onCall: request?.onCall ?? nothing,
      onClose(cost, requests) {
        costMs += cost;
        if (request === undefined) creditMs -= cost;
        window = undefined;
        if (requests !== undefined) tellRequests(requests);
        plan();
        request?.onEnd();
      },
    });
    if (!opened.isOpen) return;
    window = opened;
    const isKeptAlive = request !== undefined && !request.hasPlaces;
    wait(
      forMs,
      () => {
        opened.finish();
        if (opened.isOpen) wait(tailMs, () => opened.close(), isKeptAlive);
      },
      isKeptAlive,
    );
  }

  // What an async hook closes is read later.
  function tellRequests(requests: RequestTrail): void {
    const told = follower;
    const beganMs = sinceMs;
    if (told === undefined || beganMs === undefined) return;
    sinceMs = requests.toMs;
    try {
      told.nameUnfinished();
    } catch (error) {
      report('the requests of a window could not be named', error);
    }
    runOutsideRequests(() => {
      setImmediate(() => {
        if (told === follower) told.onNews({ window: requests.read(beganMs) });
      }).unref();
    });
  }

  const wantsWindows = (): boolean => follower !== undefined || samplesCalls;

  /**
   * The next window: at a random time of the next period, if there is anything to measure. One that was to come when somebody
   * asked for a window of their own is still to come.
   */
  function plan(): void {
    clearTimeout(timer);
    isDue = false;
    if (!wantsWindows()) return;
    const atMs = nowMs();
    if (dueMs === 0) {
      if (!hasSuspended) {
        sinceMs = undefined;
        return;
      }
      hasSuspended = false;
      const periodStartMs = Math.max(periodEndMs, atMs);
      periodEndMs = periodStartMs + periodMs;
      dueMs = periodStartMs + random() * spareMs;
    }
    waitUntilDue();
  }

  function planFirst(): void {
    if (!wantsWindows()) return;
    const atMs = nowMs();
    dueMs = atMs + (periodEndMs === 0 ? firstMs * (1 + random()) : random() * spareMs);
    periodEndMs = Math.max(periodEndMs, atMs) + periodMs;
    waitUntilDue();
  }

  function waitUntilDue(): void {
    isDue = true;
    wait(Math.max(0, dueMs - nowMs()), () => {
      dueMs = 0;
      isDue = false;
      if (wantsWindows()) open(windowMs, undefined);
    });
  }

  function noteUsers(): void {
    samplesCalls = [...users.values()].includes('sampled');
  }

  function unused(): void {
    window?.close();
    clearTimeout(timer);
    onUnused();
  }

  return {
    get costMs() {
      return costMs;
    },
    get current() {
      return window?.current;
    },
    get measuresCalls() {
      return users.size > 0;
    },
    begin(call: MeasurableCall): MeasuredCall | undefined {
      return window !== undefined && (isOnDemand || samplesCalls) ? window.begin(call) : undefined;
    },
    suspended() {
      if (!samplesCalls) return;
      hasSuspended = true;
      if (!isDue) planFirst();
    },
    beginOffload() {
      return window?.beginOffload();
    },
    use(measuring) {
      const user = {};
      users.set(user, measuring);
      noteUsers();
      if (users.size === 1) {
        undoWhere = whenWhereIsWanted((forMs) => {
          // Who asks for more than the places gets it.
          if (!isOnDemand || window === undefined) open(forMs, { onCall: nothing, onEnd: nothing, hasPlaces: true });
        });
      }
      return () => {
        if (!users.delete(user)) return;
        noteUsers();
        if (users.size > 0) return;
        undoWhere();
        if (follower === undefined) unused();
      };
    },
    measure(forMs, request) {
      open(forMs, { ...request, hasPlaces: false });
    },
    followRequests(given) {
      follower = given;
      return () => {
        if (follower !== given) return;
        follower = undefined;
        sinceMs = undefined;
        if (!isOnDemand) window?.close();
        if (users.size === 0) unused();
      };
    },
    beginRequest() {
      if (follower === undefined) return undefined;
      hasSuspended = true;
      if (sinceMs === undefined) {
        sinceMs = nowMs();
        follower.onNews({ noneUntilMs: sinceMs });
      }
      if (!isDue) planFirst();
      return window?.beginRequest();
    },
  };
}
