// Whether a stall was one long callback, or several that arrived from outside while the loop was busy: a server under load.
import { type StallEvidence, totalOf } from './evidence.js';

/** A share of the stall that decides. */
const MOST = 0.5;
/** A callback that takes this long can make a stall; one that takes less has done nothing wrong. */
const LONG_MS = 50;
/** A loop that has this many times the threshold to catch up with is overloaded, and what it does is told of. */
const OVERLOAD = 3;
/** Fewer events are those of a request and of the messages between threads, ours among them. */
const EVENTS_FROM = 4;
/** Where the system took this much of what the thread got, requests pile up that a free processor would have kept up with. */
const CONTENDED = 0.25;

/** Whether nothing but callbacks of I/O, none of them seen to be long, held the loop. */
export function isBacklog(evidence: StallEvidence): boolean {
  const { fromMs, toMs, thresholdMs, events = 0, scheduler } = evidence;
  const durationMs = toMs - fromMs;
  // The share of the time in which the thread was not kept waiting for a processor.
  const { wallMs, runQueueMs } = totalOf(scheduler);
  const running = wallMs === 0 ? 1 : Math.max(0, 1 - runQueueMs / wallMs);
  const ownMs = durationMs * running;
  const takenMs = durationMs - ownMs;
  // None was long, even if all the time that was taken was taken from it.
  const isRow = hasRequests(evidence) && longestOf(evidence) - takenMs < LONG_MS;
  if (isRow && takenMs >= ownMs * CONTENDED) return true;
  // Timers and microtasks, which the program has made itself, are no load; requests that followed each other are.
  if (events < EVENTS_FROM && !isRow) return false;
  return ownMs < thresholdMs * OVERLOAD && (isRow || longestSeenMs(evidence) * running < LONG_MS);
}

/** Whether requests began all through the stall: what they ask for comes from outside, and no callback starts the next. */
export function hasRequests(evidence: StallEvidence): boolean {
  return longestOf(evidence) <= (evidence.toMs - evidence.fromMs) * MOST;
}

function longestOf({ fromMs, toMs, longestMs = toMs - fromMs }: StallEvidence): number {
  return longestMs;
}

/** The longest time that the thread was seen to be in one and the same callback. */
function longestSeenMs({ captures }: StallEvidence): number {
  let longestMs = 0;
  let first: { readonly asyncId: number; readonly atMs: number } | undefined;
  for (const { askedMs, capture } of captures) {
    const { asyncId, atMs } = capture;
    if (first?.asyncId !== asyncId) first = capture;
    // The next callback would have answered.
    longestMs = Math.max(longestMs, atMs - first.atMs, atMs - askedMs);
  }
  return longestMs;
}
