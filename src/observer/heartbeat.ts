// The main loop's memory that the observer shares: its record, and the flags by which the two agree about captures.
import { LOOP_LENGTH, overdueMs } from '../stalls/loop-record.js';

/** Flags. */
export const FLAG = {
  /** 1 while a capture is asked for and not answered. */
  capturing: 0,
  /** 1 from the exit of the process on: nothing may be captured any more. */
  exiting: 1,
} as const;

// The floats must begin at a multiple of eight bytes.
const FLAG_BYTES = 8;

/** Shared memory that the main loop writes and the observer reads. */
export interface Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly flags: Int32Array;
  readonly record: Float64Array;
  /** How long the loop has been overdue at `nowMs`, in milliseconds; 0 while it turns, NaN before its first turn. */
  blockedMs(nowMs: number): number;
}

/** Opens a heartbeat over `buffer`, or over memory of its own. */
export function openHeartbeat(
  buffer = new SharedArrayBuffer(FLAG_BYTES + LOOP_LENGTH * Float64Array.BYTES_PER_ELEMENT),
): Heartbeat {
  const record = new Float64Array(buffer, FLAG_BYTES);
  return {
    buffer,
    flags: new Int32Array(buffer, 0, FLAG_BYTES / Int32Array.BYTES_PER_ELEMENT),
    record,
    blockedMs: (nowMs) => overdueMs(record, nowMs),
  };
}
