// What one loop tells the observer in shared memory: when it turned, and the last stall that it got over.

/** Fields of a record. Times are monotonic milliseconds; the loop alone writes, whoever maps the memory reads. */
export const LOOP = {
  lastTurn: 0,
  /** When the loop will turn again at the latest, if nothing holds it. */
  nextDue: 1,
  turns: 2,
  /** Stalls so far; written after the entry that describes the newest one. */
  stalls: 3,
  /** The system's number of the thread; 0 where it is not known. */
  systemThread: 4,
  /** 1 while a debugger can be attached: what holds the loop then may be its user. */
  debugger: 5,
  /** Since when the program counts as started, of the main loop: it serves, or has run for 10 s; may be still to come. */
  started: 6,
  /** Since when the loop spins (spin.ts); 0 while it does not. */
  spinning: 7,
  /** 1 while the loop sleeps but for our own turns, which then come more slowly. */
  sleeping: 8,
  /** Since when the thread waits for its next task outside of its loop (of a worker); 0 while it does not. */
  waiting: 9,
  /** How long it did so before, in milliseconds. */
  waited: 10,
} as const;

/** Fields of one stall in a record, which keeps the last few. */
export const STALL = {
  from: 0,
  to: 1,
  /** Time in garbage collections between the two. */
  gc: 2,
  /** Requests that waited through it, and how long together. */
  waiting: 3,
  waited: 4,
  /** 1 where requests that began within it took most of it, so that the culprit's is not among those that waited. */
  heldByNew: 5,
  /** Events of I/O that the loop handled since the turn before it. */
  events: 6,
  /** The longest that one callback can have taken, as far as the beginnings of requests tell. */
  longest: 7,
} as const;

const STALLS_AT = Object.keys(LOOP).length;
export const STALL_LENGTH = Object.keys(STALL).length;
/** A loop that stalls again and again writes one every few iterations; the observer looks every 20 ms then. */
export const STALLS_KEPT = 8;
export const LOOP_LENGTH = STALLS_AT + STALLS_KEPT * STALL_LENGTH;

/** Where the stall with this number begins in a record. */
export const stallAt = (number: number): number => STALLS_AT + (number % STALLS_KEPT) * STALL_LENGTH;

/** The first turns of a loop end stretches in which the program was still being loaded. */
export const TURNS_BEFORE_WATCH = 2;

/** A loop that is less overdue than this still counts as turning: timers are late by about a millisecond, scheduling by some. */
const TOLERANCE_MS = 20;

/** How long a loop has been overdue at `nowMs`, in milliseconds; 0 while it turns, NaN before its first turn. */
export function overdueMs(record: Float64Array, nowMs: number): number {
  if (field(record, LOOP.lastTurn) === 0) return Number.NaN;
  const overdue = nowMs - field(record, LOOP.nextDue);
  return overdue < TOLERANCE_MS ? 0 : overdue;
}

/** Whether a stall that ended at `toMs` held a program that had started, by the main loop's `record`, and not its start. */
export const hasStarted = (record: Float64Array, toMs: number): boolean => field(record, LOOP.started) < toMs;

/** How long a thread has waited for its tasks outside of its loop by `nowMs`, in milliseconds. */
export function waitedMs(record: Float64Array, nowMs: number): number {
  const sinceMs = field(record, LOOP.waiting);
  return field(record, LOOP.waited) + (sinceMs === 0 ? 0 : Math.max(0, nowMs - sinceMs));
}

/** One number of a record. */
export const field = (record: Float64Array, index: number): number => record[index] ?? 0;
