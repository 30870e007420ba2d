// Requests that waited for somebody else: without the one whose own code held the loop.
import { field, STALL } from '../loop/loop-record.js';
import type { StallEvidence } from './evidence.js';

/** Reads who waited from the loop's entry of a stall; times in milliseconds. */
export function othersWaiting(
  { captures, fromMs, toMs }: Pick<StallEvidence, 'captures' | 'fromMs' | 'toMs'>,
  entry: Float64Array,
): { readonly requests: number; readonly waitedMs: number } {
  const requests = field(entry, STALL.waiting);
  const waitedMs = field(entry, STALL.waited);
  // Code that held the loop and did not begin with a request is most of the time that of one in flight, after an await.
  // Which of them cannot be told, so all were counted; one too few is better than a culprit that waits for itself.
  const isOneOfThem = field(entry, STALL.heldByNew) === 0 && captures.length > 0;
  if (!isOneOfThem || requests === 0) return { requests, waitedMs };
  return { requests: requests - 1, waitedMs: Math.max(0, waitedMs - (toMs - fromMs)) };
}
