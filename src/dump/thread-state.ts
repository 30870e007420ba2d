// From what was seen of a thread in a tenth of a second to what it does.

import { leafCause } from '../stalls/blame/classify.js';
import type { SchedulerSample } from '../stalls/blame/evidence.js';
import { type Frame, placeOf, readFrames } from '../stalls/blame/frames.js';
import type { RawCapture } from '../stalls/loop/capture.js';
import type { Activity, DumpedThread, NoStack } from './dump.js';

/** What was seen of one thread. */
export interface ThreadEvidence {
  readonly thread: string;
  readonly threadId: number;
  /** How long its loop has not turned, in milliseconds; 0 while it turns, NaN where that is not known. */
  readonly blockedMs: number;
  /** Its stack, or why there is none. */
  readonly seen: RawCapture | NoStack;
  readonly scheduler: SchedulerSample | undefined;
}

export interface PlaceOptions {
  /** The application's folder. */
  readonly root: string;
  readonly mapped: (frame: Frame) => Frame;
}

/** A thread that computes for less than this share of the time sleeps. */
const SLEEPING = 0.3;

/** Describes all threads; `areAll` says whether there can be no other thread that nothing is known of. */
export function describeThreads(
  evidence: readonly ThreadEvidence[],
  areAll: boolean,
  options: PlaceOptions,
): DumpedThread[] {
  const threads = evidence.map((one) => describeThread(one, options));
  return threads.map((thread) => {
    const others = threads.filter((other) => other !== thread);
    const nobodyWakes =
      areAll &&
      thread.activity === 'wait' &&
      others.every(({ activity }) => activity === 'idle' || activity === 'wait');
    return nobodyWakes ? { ...thread, nobodyWakes } : thread;
  });
}

function describeThread(evidence: ThreadEvidence, { root, mapped }: PlaceOptions): DumpedThread {
  const { thread, threadId, blockedMs, seen, scheduler } = evidence;
  const frames = typeof seen === 'string' ? [] : readFrames(seen.frames);
  const activity = typeof seen === 'string' ? activityWithout(seen, evidence) : activityOf(frames, evidence);
  const waitsIn = activity === 'asleep' || activity === 'sync_io' ? (scheduler?.waitsIn ?? '') : '';
  return {
    thread,
    threadId,
    activity,
    blockedMs: Number.isNaN(blockedMs) ? 0 : blockedMs,
    stack: frames.map((frame) => placeOf(mapped(frame), root)),
    ...(typeof seen === 'string' ? { noStack: seen } : {}),
    ...(waitsIn === '' ? {} : { waitsIn }),
  };
}

function activityOf(frames: readonly Frame[], { blockedMs, scheduler }: ThreadEvidence): Activity {
  // A flood of microtasks is seen between two of them, where there is no stack.
  if (frames.length === 0) return blockedMs > 0 && busyShare(scheduler) >= SLEEPING ? 'javascript' : 'idle';
  const cause = leafCause(frames);
  if (cause === 'native' || cause === 'sync_io') return cause;
  // Who waits for a moment again and again computes in between.
  if (cause === 'wait' && !(busyShare(scheduler) >= SLEEPING)) return 'wait';
  return 'javascript';
}

function activityWithout(why: NoStack, { blockedMs, scheduler }: ThreadEvidence): Activity {
  if (blockedMs === 0) return 'turning';
  const share = busyShare(scheduler);
  if (Number.isNaN(share)) return 'unknown';
  if (share >= SLEEPING) return why === 'answer' ? 'native' : 'computing';
  if (scheduler?.state === 'R') return 'descheduled';
  return scheduler?.state === 'D' ? 'sync_io' : 'asleep';
}

// Time on a processor or ready for one; NaN where the system does not tell.
function busyShare(scheduler: SchedulerSample | undefined): number {
  if (scheduler === undefined || scheduler.wallMs <= 0) return Number.NaN;
  return (scheduler.cpuMs + scheduler.runQueueMs) / scheduler.wallMs;
}
