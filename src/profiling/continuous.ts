// A profile of the main thread that never ends: windows that follow each other without a gap. V8 keeps a second profile going
// while the first one ends, so that it does not have to look through all code again, which takes a large program 200 ms.
// `v8.startCpuProfile` of newer versions would do as well, but has to be called by the main thread, which a blocked one cannot.
import { setTimeout } from 'node:timers';
import type { CdpConnection } from '../cdp/connection.js';
import type { Heartbeat } from '../observer/heartbeat.js';
import type { V8Profile } from '../profile/v8-profile.js';
import { isExiting } from './exit-word.js';
import { connectToMain } from './main-session.js';
import { countSampling } from './sampling.js';

/** A window without a reason to end it lasts this long, in milliseconds. */
const WINDOW_MS = 10_000;
/** Where it could not be started, or ended, it is tried again after this time. */
const AGAIN_MS = 30_000;
/** What looked like the exit of the process was none: a signal to itself that it handles, say. */
const WENT_ON_MS = 1_000;

export interface ContinuousOptions {
  readonly heartbeat: Pick<Heartbeat, 'flags'>;
  /** How far apart samples are, in microseconds. */
  readonly intervalUs: number;
  /** @default 10 s */
  readonly windowMs?: number;
  /** Takes each window, in their order; none is lost between two. */
  readonly onWindow: (profile: V8Profile) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** A running profile. */
export interface ContinuousProfile {
  /**
   * Ends the window and begins the next one. Resolves when what happened until the call was given to `onWindow`, or cannot be;
   * which waits for a main thread that is in a native call. Never rejects.
   */
  rotate(): Promise<void>;
  /** Twice is harmless. */
  stop(): void;
}

/** Starts profiling. */
export function startContinuous(options: ContinuousOptions): ContinuousProfile {
  const { heartbeat, intervalUs, windowMs = WINDOW_MS, onWindow, report } = options;
  let stopped = false;
  let session: ProfileSession | undefined;
  let timer: NodeJS.Timeout | undefined;
  let rotating: Promise<void> = Promise.resolve();

  function arm(ms: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void rotate(), ms);
  }

  /** Returns after which time the next step is due. */
  async function open(): Promise<number> {
    const opened = await openSession(heartbeat, intervalUs);
    if (opened === undefined) return WENT_ON_MS;
    session = opened;
    void opened.closed.then(() => {
      if (session !== opened) return;
      session = undefined;
      arm(WENT_ON_MS);
    });
    if (stopped) opened.close();
    return windowMs;
  }

  async function rotateNow(): Promise<void> {
    if (stopped) return;
    if (isExiting(heartbeat)) return arm(WENT_ON_MS);
    const before = session;
    try {
      if (before === undefined) return arm(await open());
      take(await before.rotate());
      arm(windowMs);
    } catch (error) {
      // It was closed meanwhile, and is opened again soon.
      if (before !== undefined && session === undefined) return;
      session?.close();
      session = undefined;
      if (!stopped && !isExiting(heartbeat)) report('the program could not be profiled', error);
      arm(AGAIN_MS);
    }
  }

  function take(profile: V8Profile): void {
    try {
      if (!stopped) onWindow(profile);
    } catch (error) {
      report('a profile could not be read', error);
    }
  }

  function rotate(): Promise<void> {
    rotating = rotating.then(rotateNow);
    return rotating;
  }

  void rotate();
  return {
    rotate,
    stop() {
      stopped = true;
      clearTimeout(timer);
      session?.close();
      session = undefined;
    },
  };
}

interface ProfileSession {
  rotate(): Promise<V8Profile>;
  /** Resolves when it is closed, also because the process seems to exit. */
  readonly closed: Promise<void>;
  close(): void;
}

interface Evaluated {
  readonly result?: { readonly objectId?: string };
  readonly exceptionDetails?: { readonly text?: string };
}

// Kept by the session as they are now: the application may replace them, and never sees that somebody holds them.
const CONSOLE = '[console.profile, console.profileEnd]';
const ROTATE = 'function (next, last) { this[0](next); if (last !== undefined) this[1](last); }';

/** Opens a session; undefined where it is closed meanwhile, because the process seems to exit. */
async function openSession(
  heartbeat: Pick<Heartbeat, 'flags'>,
  intervalUs: number,
): Promise<ProfileSession | undefined> {
  const connection = connectToMain(heartbeat);
  let isOver = false;
  try {
    const undoCount = countSampling(heartbeat);
    void connection.closed.then(() => {
      isOver = true;
      undoCount();
    });
    // In this order: once it is enabled, profiles of the application's own console run here as well, and V8 refuses it then.
    await connection.post('Profiler.setSamplingInterval', { interval: intervalUs });
    await connection.post('Profiler.enable');
    const { result } = (await connection.post('Runtime.evaluate', { expression: CONSOLE, silent: true })) as Evaluated;
    return await beginProfiles(connection, result?.objectId);
  } catch (error) {
    if (isOver) return undefined;
    connection.close();
    throw error;
  }
}

async function beginProfiles(connection: CdpConnection, objectId: string | undefined): Promise<ProfileSession> {
  const finished = new Map<string, V8Profile>();
  connection.on('Profiler.consoleProfileFinished', (params) => {
    const { title, profile } = params as { readonly title?: string; readonly profile: V8Profile };
    // The application may take profiles of its own.
    if (title === current) finished.set(title, profile);
  });
  let count = 0;
  let current = '';

  async function begin(): Promise<void> {
    const last = current;
    count++;
    const next = `loopsight ${count}`;
    const { exceptionDetails } = (await connection.post('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: ROTATE,
      arguments: [{ value: next }, ...(last === '' ? [] : [{ value: last }])],
      silent: true,
    })) as Evaluated;
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text ?? 'console.profile failed');
    current = next;
  }

  await begin();
  return {
    async rotate() {
      const ended = current;
      await begin();
      const profile = finished.get(ended);
      finished.delete(ended);
      if (profile === undefined) throw new Error('console.profileEnd gave no profile');
      return profile;
    },
    closed: connection.closed,
    close: connection.close,
  };
}
