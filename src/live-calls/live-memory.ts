// The shared memory of live calls: the main thread writes what traced calls are under way, the observer reads it at any time.

/** Calls that are shown at the same time; further ones are only counted. */
export const PLACES = 1024;
/** Names of functions and of places in code that are kept. */
export const NAMES = 4096;
const NAME_BYTES = 512 * 1024;
/** Longer names are cut. */
const LONGEST_NAME_BYTES = 600;

/** Integers that belong to no call. */
export const HEAD = {
  /** Names so far; written after the name. */
  names: 0,
  /** Calls under way that found no place. */
  hidden: 1,
  /** 1 while calls are written. */
  isOn: 2,
  /** 1 while somebody would note where calls wait. */
  notesPlaces: 3,
} as const;

/** Numbers that belong to no call; times are monotonic milliseconds. */
export const HEAD_NUMBER = {
  /** How long the loop has slept in all, in milliseconds, as of `idleAt`. */
  idle: 0,
  idleAt: 1,
  /** Until when the observer wants to know where calls wait. */
  whereUntil: 2,
} as const;

/** Integers of one call. */
export const CALL = {
  /** The call's ticket; 0 where the place is free. */
  ticket: 0,
  function: 1,
  /** The ticket of the call that made it; -1 where there is none. */
  parent: 2,
  parentFunction: 3,
  /** One of STATE. */
  state: 4,
  /** Where it waits, as a name; 0 where that is not known. */
  where: 5,
  /** How often it was resumed, and how often by itself; of measured calls. */
  wakes: 6,
  ownWakes: 7,
} as const;

/** Numbers of one call, in milliseconds; points in time are monotonic. */
export const CALL_NUMBER = {
  start: 0,
  /** Time of its own so far, without a stretch that it runs now. */
  own: 1,
  /** Since when it runs, or waits. */
  since: 2,
  /** How long the loop had slept at its start; NaN where that is not known. */
  idleAtStart: 3,
  /** When the call that made it ended; 0 while it lasts, and where there is none. */
  parentEnded: 4,
  offloaded: 5,
} as const;

/** What a call does. Of a call that is not measured, nothing is known after its first stretch. */
export const STATE = { running: 1, waiting: 2, measuredRunning: 3, measuredWaiting: 4 } as const;

export const CALL_INTS = 8;
export const CALL_NUMBERS = 8;
const HEAD_INTS = 4;
const HEAD_NUMBERS = 4;

const NUMBERS_AT = (HEAD_INTS + PLACES * CALL_INTS) * Int32Array.BYTES_PER_ELEMENT;
const ENDS_AT = NUMBERS_AT + (HEAD_NUMBERS + PLACES * CALL_NUMBERS) * Float64Array.BYTES_PER_ELEMENT;
const TEXT_AT = ENDS_AT + NAMES * Int32Array.BYTES_PER_ELEMENT;
const BYTES = TEXT_AT + NAME_BYTES;

/** The memory, as both sides see it. */
export interface LiveMemory {
  readonly buffer: SharedArrayBuffer;
  readonly head: Int32Array;
  readonly headNumbers: Float64Array;
  /** CALL_INTS for each place. */
  readonly ints: Int32Array;
  /** CALL_NUMBERS for each place. */
  readonly numbers: Float64Array;
  /** Where the text of each name ends. */
  readonly ends: Int32Array;
  readonly text: Buffer;
}

/** Opens the memory of live calls over `buffer`, or over memory of its own. */
export function openLiveMemory(buffer = new SharedArrayBuffer(BYTES)): LiveMemory {
  const callsAt = NUMBERS_AT + HEAD_NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  return {
    buffer,
    head: new Int32Array(buffer, 0, HEAD_INTS),
    headNumbers: new Float64Array(buffer, NUMBERS_AT, HEAD_NUMBERS),
    ints: new Int32Array(buffer, HEAD_INTS * Int32Array.BYTES_PER_ELEMENT, PLACES * CALL_INTS),
    numbers: new Float64Array(buffer, callsAt, PLACES * CALL_NUMBERS),
    ends: new Int32Array(buffer, ENDS_AT, NAMES),
    text: Buffer.from(buffer, TEXT_AT, NAME_BYTES),
  };
}

/** Writes the next name; returns its number, which is never 0, or 0 where there is no room for it. */
export function writeName({ head, ends, text }: LiveMemory, name: string): number {
  const number = Math.max(1, Atomics.load(head, HEAD.names));
  const from = ends[number - 1] ?? 0;
  if (number >= NAMES || from + LONGEST_NAME_BYTES > text.length) return 0;
  ends[number] = from + text.write(name, from, LONGEST_NAME_BYTES);
  Atomics.store(head, HEAD.names, number + 1);
  return number;
}

/** Reads the name with this number; undefined where there is none. */
export function readName({ head, ends, text }: LiveMemory, number: number): string | undefined {
  if (number < 1 || number >= Atomics.load(head, HEAD.names)) return undefined;
  return text.toString('utf8', ends[number - 1], ends[number]);
}
