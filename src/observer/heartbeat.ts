// The main loop's memory that the observer shares: its record, and the flags by which the two agree about captures.

import { LOOP_LENGTH, overdueMs } from '../stalls/loop/loop-record.js';
import { NOTE_BYTES } from '../stalls/loop/shared-note.js';

/** Flags. */
export const FLAG = {
  /** 1 while a capture is asked for and not answered. */
  capturing: 0,
  /** From the exit of the process on: nothing may be captured any more (EXITING). */
  exiting: 1,
  /** Counts what the observer does: one that counts no more does not turn. */
  looks: 2,
  /** How many sessions are open that last, such as those of commands: the exit has them closed. */
  sessions: 3,
  /** How many profilers sample the main thread: its loop's own account of its sleep is wrong then. */
  sampling: 4,
} as const;

/** What the flag `exiting` says. */
export const EXITING = {
  no: 0,
  /** The process may be about to kill itself, or sends a signal to another one. */
  perhaps: 1,
  yes: 2,
} as const;

/** Numbers that the main thread sets while the observer runs. */
export const SETTING = {
  /** All stacks are written when a loop has not turned for this long, in milliseconds; 0 is never. */
  dumpAfterMs: 0,
} as const;

// The floats must begin at a multiple of eight bytes.
const FLAG_BYTES = 24;
const SETTINGS_AT = FLAG_BYTES + LOOP_LENGTH * Float64Array.BYTES_PER_ELEMENT;
const SETTINGS = Object.keys(SETTING).length;
const NOTE_AT = SETTINGS_AT + SETTINGS * Float64Array.BYTES_PER_ELEMENT;
const BYTES = NOTE_AT + 2 * NOTE_BYTES;

/** Shared memory that the main loop writes and the observer reads. */
export interface Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly flags: Int32Array;
  readonly record: Float64Array;
  readonly settings: Float64Array;
  /** Which call took most of the last stall (call-note.ts). */
  readonly callNote: Buffer;
  /** What keeps a loop turning that spins (next-turn.ts). */
  readonly turnNote: Buffer;
  /** How long the loop has been overdue at `nowMs`, in milliseconds; 0 while it turns, NaN before its first turn. */
  blockedMs(nowMs: number): number;
}

/** Opens a heartbeat over `buffer`, or over memory of its own. */
export function openHeartbeat(buffer = new SharedArrayBuffer(BYTES)): Heartbeat {
  const record = new Float64Array(buffer, FLAG_BYTES, LOOP_LENGTH);
  return {
    buffer,
    flags: new Int32Array(buffer, 0, FLAG_BYTES / Int32Array.BYTES_PER_ELEMENT),
    record,
    settings: new Float64Array(buffer, SETTINGS_AT, SETTINGS),
    callNote: Buffer.from(buffer, NOTE_AT, NOTE_BYTES),
    turnNote: Buffer.from(buffer, NOTE_AT + NOTE_BYTES, NOTE_BYTES),
    blockedMs: (nowMs) => overdueMs(record, nowMs),
  };
}
