// Why the loop did not turn: one answer from all the evidence.

import { type StallEvidence, totalOf } from './evidence.js';
import { type Frame, readFrames } from './frames.js';
import { hasRequests, isBacklog } from './short-callbacks.js';
import type { StallCause } from './stall-report.js';

/** A share of the stall that decides. */
const MOST = 0.5;
const NEARLY_ALL = 0.8;
/** Up to so many thresholds a stall may be several callbacks that each were short. */
const SHORT = 2;
/** Less than this share of the threshold is far from a stall. */
const HARDLY = 0.6;
/** A thread that computes for less than this share sleeps. */
const SLEEPING = 0.3;
/** Captures of this many different callbacks, all of the same code, are one that starts itself again. */
const FLOOD_CALLBACKS = 3;

/** The cause of a stall. `culprits` names the code of each capture. */
export function causeOf(evidence: StallEvidence, culprits: readonly string[]): StallCause {
  const { fromMs, toMs, thresholdMs, captures, scheduler, gcMs, observerGapMs, hasDebugger } = evidence;
  const durationMs = toMs - fromMs;
  if (hasDebugger || captures.some(({ capture }) => capture.hasDebugger === true)) return 'debugger';

  const use = totalOf(scheduler);
  // Code that would have been a stall without its collections is to blame for those as well, unless they were nearly all.
  const isCollecting =
    gcMs >= durationMs * NEARLY_ALL || (gcMs >= durationMs * MOST && durationMs - gcMs < thresholdMs * HARDLY);
  // A busy machine makes collections longer too; a process that was stopped in the middle of one is another matter.
  if (isCollecting && observerGapMs < durationMs * MOST) return 'gc';
  const shareOf = (ms: number) => (use.wallMs === 0 ? 0 : (ms / use.wallMs) * durationMs);
  // What the thread computed cannot have been taken by the system, whatever else ran meanwhile.
  const takenMs = Math.min(Math.max(shareOf(use.runQueueMs), observerGapMs), durationMs - shareOf(use.cpuMs));
  const ownMs = durationMs - takenMs;
  // Without the time that the system took, there would not have been a stall, or of a long one hardly anything.
  const isTaken =
    durationMs < thresholdMs * SHORT
      ? ownMs < thresholdMs
      : takenMs >= durationMs * MOST && ownMs < thresholdMs * HARDLY;
  if (isTaken) return 'descheduled';

  const leaf = captures.map(({ capture }) => leafCause(readFrames(capture.frames))).reduce(mostFrequent(), undefined);
  const busy = use.wallMs === 0 ? Number.NaN : (use.cpuMs + use.runQueueMs) / use.wallMs;
  if (busy < SLEEPING) {
    if (leaf === 'wait' || leaf === 'sync_io') return leaf;
    return scheduler.some(({ waitsIn }) => waitsIn.startsWith('futex')) ? 'wait' : 'sync_io';
  }
  if (captures.length === 0 || isBacklog(evidence)) return 'unknown';
  // Only a flood of microtasks is met between two callbacks again and again.
  if (captures.every(({ capture }) => capture.frames.length === 0)) return 'spin';
  if (leaf === 'wait') return Number.isNaN(busy) ? 'wait' : 'javascript';
  const callbacks = new Set(captures.map(({ capture }) => capture.asyncId));
  const isFlood = !hasRequests(evidence) && callbacks.size === captures.length && new Set(culprits).size === 1;
  if (isFlood && callbacks.size >= FLOOD_CALLBACKS) {
    return leaf === 'javascript' || leaf === undefined ? 'spin' : leaf;
  }
  return leaf ?? 'javascript';
}

const SYNC_IO = /^node:(?:fs|internal\/fs\/|child_process|internal\/child_process)/;
const NATIVE = /^node:(?:crypto|internal\/crypto\/|zlib|v8|internal\/v8|vm|internal\/vm|sqlite)/;
/** Functions of the engine that compute, by the names that stacks give them. */
const ENGINE_NATIVE = /^(?:JSON\.|\w*Array\.)?(?:parse|stringify|structuredClone|sort|toSorted)$/;

/** What the innermost frames of one stack say: code that runs, or what it called. */
export function leafCause(frames: readonly Frame[]): StallCause {
  const [leaf] = frames;
  if (leaf === undefined) return 'javascript';
  if (leaf.origin === 'engine' && /^(?:Atomics\.)?wait$/.test(leaf.function)) return 'wait';
  for (const frame of frames) {
    if (frame.origin === 'application' || frame.origin === 'package') break;
    if (SYNC_IO.test(frame.path)) return 'sync_io';
    if (NATIVE.test(frame.path)) return 'native';
  }
  return leaf.origin === 'engine' && ENGINE_NATIVE.test(leaf.function) ? 'native' : 'javascript';
}

function mostFrequent(): (before: StallCause | undefined, next: StallCause) => StallCause | undefined {
  const counts = new Map<StallCause, number>();
  return (before, next) => {
    const count = (counts.get(next) ?? 0) + 1;
    counts.set(next, count);
    return before === undefined || count > (counts.get(before) ?? 0) ? next : before;
  };
}
