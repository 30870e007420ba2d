// Profiles all threads of a process for a while.
import type { CdpThread } from '../cdp/connection.js';
import { abortedAfter, pause, within } from '../cdp/waiting.js';
import type { V8Profile, V8Recording, V8ThreadProfile } from '../profile/v8-profile.js';
import { compileAnew, ownsProfiler } from './compile-anew.js';
import type { Inspected } from './inspected.js';

export interface WindowOptions {
  readonly durationMs: number;
  /** How far apart samples are, in microseconds. */
  readonly intervalUs: number;
  readonly threads: 'main' | 'all';
  /** Whether code stays as it is compiled, because somebody counts how often it runs. @default false */
  readonly keepsCompiled?: boolean;
  /** Ends the window early; what there is by then is the recording. */
  readonly signal?: AbortSignal | undefined;
}

/** Threads that began meanwhile are looked for this often. */
const LOOK_MS = 200;
/** The window begins when all threads are profiled; those that are in a native call do not hold it up for longer. */
const START_MS = 1500;
/** A thread that has not begun until the end is waited for for a moment. */
const LATE_MS = 300;
/** A thread that does not give its profile within this is in a native call. */
const STOP_MS = 5000;

interface Recorder {
  readonly thread: CdpThread;
  /** Resolves when the profiler runs and code is compiled anew, or it cannot. */
  readonly started: Promise<void>;
  /** Whether its profiler runs. */
  hasStarted(): boolean;
  hasEnded(): boolean;
}

/**
 * Records one window. Threads that begin meanwhile are in it from then on; those that end, or that are in a native call for
 * all of it, are left out, and a note says so. The window ends with the
 * process. Never rejects.
 */
export async function recordWindow(inspected: Inspected, options: WindowOptions): Promise<V8Recording> {
  const { durationMs, intervalUs, signal } = options;
  const recorders = new Map<CdpThread['connection'], Recorder>();
  const unixMs = Date.now();
  const isAnew = options.keepsCompiled !== true && ownsProfiler(inspected.pid);

  const look = async () => {
    const known = await inspected.threads();
    for (const thread of options.threads === 'main' ? known.slice(0, 1) : known) {
      if (!recorders.has(thread.connection)) recorders.set(thread.connection, start(thread, intervalUs, isAnew));
    }
  };
  await look();
  await within(Promise.all([...recorders.values()].map(({ started }) => started)), START_MS);
  const endMs = performance.now() + durationMs;
  const over = [abortedAfter(inspected.ended), ...(signal === undefined ? [] : [signal])];
  while (performance.now() < endMs && !over.some(({ aborted }) => aborted)) {
    await pause(Math.min(LOOK_MS, endMs - performance.now()), ...over);
    await look();
  }
  const notes: string[] = [];
  const taken = await Promise.all([...recorders.values()].map((recorder) => stop(recorder, notes)));
  const threads = taken.filter((profile) => profile !== undefined).sort((a, b) => a.threadId - b.threadId);
  return { pid: inspected.pid, nodeVersion: inspected.nodeVersion, unixMs, intervalUs, threads, notes };
}

function start(thread: CdpThread, intervalUs: number, isAnew: boolean): Recorder {
  const { connection } = thread;
  let hasStarted = false;
  let hasEnded = false;
  void connection.closed.then(() => {
    hasEnded = true;
  });
  // All at once: what a blocked thread was asked, it does in this order. Once it is enabled, somebody else's console.profile
  // runs here as well, and V8 changes no interval then.
  const started = Promise.all([
    connection.post('Profiler.setSamplingInterval', { interval: intervalUs }),
    connection.post('Profiler.enable'),
    connection.post('Profiler.start'),
    ...(isAnew ? [compileAnew(connection)] : []),
  ]).then(
    () => {
      hasStarted = true;
    },
    () => {},
  );
  return { thread, started, hasStarted: () => hasStarted, hasEnded: () => hasEnded };
}

async function stop({ thread, ...recorder }: Recorder, notes: string[]): Promise<V8ThreadProfile | undefined> {
  const { connection, threadId } = thread;
  const name = threadId === 0 ? 'the main thread' : `${thread.thread} (worker ${threadId})`;
  // Also where it has not started: then it does not when the thread goes on.
  const stopped = connection.post('Profiler.stop').then(
    (result) => (result as { readonly profile: V8Profile }).profile,
    () => undefined,
  );
  const profile = await within(stopped, recorder.hasStarted() ? STOP_MS : LATE_MS);
  if (profile !== undefined) return { thread: thread.thread, threadId, profile };
  const reason = recorder.hasEnded()
    ? 'it ended meanwhile'
    : 'it did not answer, because it is in a native call or waits in one';
  notes.push(`Nothing is known of ${name}: ${reason}.`);
  return undefined;
}
