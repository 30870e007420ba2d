// The heartbeat of a loop in shared memory: written by the loop, read by the observer without the loop's help.

const LAST_TURN = 0;
const NEXT_DUE = 1;

/** A loop that is less overdue than this still counts as turning: timers are late by about a millisecond, scheduling by some. */
const TOLERANCE_MS = 20;

/** Shared memory that one loop writes and the observer reads. */
export interface Heartbeat {
  readonly buffer: SharedArrayBuffer;
  /** Says that the loop turned at `nowMs` and will turn again by `nextDueMs` (monotonic clock of the process). */
  beat(nowMs: number, nextDueMs: number): void;
  /** How long the loop has been overdue at `nowMs`, in milliseconds; 0 while it turns, NaN before its first turn. */
  blockedMs(nowMs: number): number;
}

/** Opens a heartbeat over `buffer`, or over memory of its own. */
export function openHeartbeat(buffer = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)): Heartbeat {
  const fields = new Float64Array(buffer);
  return {
    buffer,
    beat(nowMs, nextDueMs) {
      fields[LAST_TURN] = nowMs;
      fields[NEXT_DUE] = nextDueMs;
    },
    blockedMs(nowMs) {
      return overdueMs(fields[LAST_TURN] ?? 0, fields[NEXT_DUE] ?? nowMs, nowMs);
    },
  };
}

/** How long a loop has been overdue at `nowMs`, in milliseconds; 0 while it turns, NaN before its first turn (`lastTurnMs` 0). */
export function overdueMs(lastTurnMs: number, nextDueMs: number, nowMs: number): number {
  if (lastTurnMs === 0) return Number.NaN;
  const overdue = nowMs - nextDueMs;
  return overdue < TOLERANCE_MS ? 0 : overdue;
}
