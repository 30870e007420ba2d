// Whether a stall was one long callback, or several that arrived from outside while the loop was busy: a server under load.
import { type StallEvidence, totalOf } from './evidence.js';

/** A callback that takes this long can make a stall; one that takes less has done nothing wrong. */
const LONG_MS = 50;
/** A loop that has this many times the threshold to catch up with is overloaded, and what it does is told of. */
const OVERLOAD = 3;
/** Fewer events are those of a request and of the messages between threads, ours among them. */
const EVENTS_FROM = 4;

/** Whether nothing but callbacks of I/O, none of them seen to be long, held the loop. */
export function isBacklog(evidence: StallEvidence): boolean {
  const { fromMs, toMs, thresholdMs, events = 0, longestMs = toMs - fromMs, scheduler } = evidence;
  // The share of the time in which the thread was not kept waiting for a processor.
  const { wallMs, runQueueMs } = totalOf(scheduler);
  const running = wallMs === 0 ? 1 : Math.max(0, 1 - runQueueMs / wallMs);
  // Timers and microtasks, which the program has made itself, are no load; requests that followed each other are.
  if (events < EVENTS_FROM && longestMs * running >= LONG_MS) return false;
  return (toMs - fromMs) * running < thresholdMs * OVERLOAD && longestSeenMs(evidence) * running < LONG_MS;
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
