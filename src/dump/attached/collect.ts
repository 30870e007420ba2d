// Takes a dump of a process that is looked into from outside.
import { setTimeout as delay } from 'node:timers/promises';
import type { Inspected } from '../../attach/inspected.js';
import { childrenOf, threadsOf, watchThread } from '../../attach/system-threads.js';
import type { CdpThread } from '../../cdp/connection.js';
import type { Clock } from '../../clock.js';
import { leafCause } from '../../stalls/blame/classify.js';
import type { SchedulerSample } from '../../stalls/blame/evidence.js';
import { readFrames } from '../../stalls/blame/frames.js';
import type { RawCapture } from '../../stalls/loop/capture.js';
import type { Dump, DumpedThread, NoStack, Variable } from '../dump.js';
import { describeThreads, type PlaceOptions, type ThreadEvidence } from '../thread-state.js';
import { ATTACHED_CAPTURE, type AttachedCapture } from './capture-expression.js';
import { pauseThread } from './paused-stack.js';

/** The system is watched for this long, to see who computes. */
const WATCH_MS = 100;

export interface AttachedDumpOptions extends PlaceOptions {
  readonly clock: Clock;
  /** How long to wait for the stack of a thread that does not answer at once. */
  readonly waitMs: number;
  /** Whether the variables of each call are read, for which threads are paused one after another. */
  readonly withLocals: boolean;
}

/** What was seen of one thread. */
interface Seen {
  readonly capture: RawCapture | NoStack;
  readonly systemThread: number;
  readonly locals?: readonly (readonly Variable[])[];
}

/** Takes the dump. Rejects with a CdpError where the process ends meanwhile. */
export async function collectAttached(inspected: Inspected, options: AttachedDumpOptions): Promise<Dump> {
  const { pid } = inspected;
  const unixMs = options.clock.unixMs();
  const watches = new Map(threadsOf(pid).map((tid) => [tid, watchThread(pid, tid)]));
  const watched = delay(WATCH_MS);
  const threads = await inspected.threads();
  const seen = await Promise.all(threads.map((thread) => captureOf(thread, inspected, options)));
  await watched;
  // What the system tells is of the threads as they were before they are paused.
  const samples = new Map([...watches].map(([tid, sample]) => [tid, sample()]));
  if (options.withLocals) {
    for (const [index, thread] of threads.entries()) {
      const before = seen[index];
      if (before !== undefined) seen[index] = await withLocals(thread, before);
    }
  }
  const tids = systemThreads(pid, seen);
  const evidence = threads.map(({ thread, threadId }, index): ThreadEvidence => {
    const scheduler: SchedulerSample | undefined = samples.get(tids[index] ?? Number.NaN);
    return { thread, threadId, blockedMs: Number.NaN, seen: seen[index]?.capture ?? 'answer', scheduler };
  });
  const described = describeThreads(evidence, true, options).map((thread, index): DumpedThread => {
    const { locals } = seen[index] ?? {};
    const children = thread.noStack === undefined ? [] : childrenOf(pid, tids[index] ?? Number.NaN);
    return { ...thread, ...(locals === undefined ? {} : { locals }), ...(children.length === 0 ? {} : { children }) };
  });
  return { pid, unixMs, threads: described };
}

async function captureOf(
  { connection, threadId }: CdpThread,
  { pid, mayEvaluate }: Inspected,
  { waitMs }: AttachedDumpOptions,
): Promise<Seen> {
  const systemThread = threadId === 0 ? pid : Number.NaN;
  if (!mayEvaluate) return { capture: 'off', systemThread };
  const asked = connection.post('Runtime.evaluate', {
    expression: ATTACHED_CAPTURE,
    returnByValue: true,
    silent: true,
  }) as Promise<{ readonly result?: { readonly value?: unknown } }>;
  const answer = await Promise.race([asked.catch(() => undefined), delay(waitMs, undefined, { ref: false })]);
  const json = answer?.result?.value;
  if (typeof json !== 'string') return { capture: answer === undefined ? 'answer' : 'off', systemThread };
  const told = JSON.parse(json) as AttachedCapture;
  return {
    capture: { atMs: 0, frames: told.frames, asyncId: 0 },
    systemThread: threadId === 0 ? pid : (told.systemThread ?? Number.NaN),
  };
}

// A thread that is idle has no variables, and one that does not answer cannot be paused.
async function withLocals(thread: CdpThread, seen: Seen): Promise<Seen> {
  const isIdle = typeof seen.capture !== 'string' && seen.capture.frames.length === 0;
  if (isIdle || seen.capture === 'answer') return seen;
  const paused = await pauseThread(thread.connection);
  if (paused === 'idle' || paused === undefined) return seen;
  // A debugger does not show the engine's own functions; of them Atomics.wait is still what the thread does.
  const captured = typeof seen.capture === 'string' ? [] : seen.capture.frames;
  const isWaiting = leafCause(readFrames(captured)) === 'wait';
  const engine = isWaiting ? captured.slice(0, 1) : [];
  return {
    ...seen,
    capture: { atMs: 0, frames: [...engine, ...paused.frames], asyncId: 0 },
    locals: [...engine.map(() => []), ...paused.locals],
  };
}

// A thread that waits for a child does not answer, but the system knows which of its threads started one.
function systemThreads(pid: number, seen: readonly Seen[]): number[] {
  const tids = seen.map(({ systemThread }) => systemThread);
  const silent = [...tids.keys()].filter((index) => Number.isNaN(tids[index]));
  const parents = threadsOf(pid).filter((tid) => !tids.includes(tid) && childrenOf(pid, tid).length > 0);
  const [only] = silent;
  const [parent] = parents;
  if (only !== undefined && silent.length === 1 && parent !== undefined && parents.length === 1) tids[only] = parent;
  return tids;
}
