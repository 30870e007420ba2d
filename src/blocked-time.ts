// `loopsight.blocked_time`: how long the loop was held while a span was open, so that a trace tells who only waited.
import { ATTRIBUTES } from './metric-names.js';
import { type SharedState, sharedState } from './shared-state.js';

/** What is needed of a span that can still be written to. */
export interface WritableSpan {
  /** Spans of an SDK have it; those of other tracers may not. */
  readonly startTime?: unknown;
  setAttribute(key: string, value: number): unknown;
}

let known: SharedState | undefined;

/**
 * Sets the attribute on `span`, unless no stall overlapped it. It ends now, or at `endUnixMs` (milliseconds since the Unix
 * epoch); `nowMs` is now by the monotonic clock, where that was read already.
 */
export function setBlockedTime(span: WritableSpan, endUnixMs?: number, nowMs?: number): void {
  known ??= sharedState();
  const { heldTime } = known;
  if (heldTime === undefined) return;
  const startUnixMs = unixMsOf(span.startTime);
  if (startUnixMs === undefined) return;
  const heldMs = heldTime.between(startUnixMs, endUnixMs, nowMs);
  if (heldMs > 0) span.setAttribute(ATTRIBUTES.blockedTime, Math.round(heldMs * 1000) / 1e6);
}

/** Milliseconds since the Unix epoch; undefined for anything that is no time of an SDK. */
export function unixMsOf(time: unknown): number | undefined {
  if (!Array.isArray(time)) return undefined;
  // By index, because this runs at the end of every span.
  const seconds: unknown = time[0];
  const nanoseconds: unknown = time[1];
  return typeof seconds === 'number' && typeof nanoseconds === 'number'
    ? seconds * 1000 + nanoseconds / 1e6
    : undefined;
}
