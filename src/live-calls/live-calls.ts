// The traced calls that are under way, written into shared memory at a few nanoseconds each, so that the observer can show
// them while this thread is blocked. Only the thread that opened the memory writes.
import { systemClock } from '../clock.js';
import { sharedState } from '../shared-state.js';
import {
  CALL,
  CALL_INTS,
  CALL_NUMBER,
  CALL_NUMBERS,
  HEAD,
  type LiveMemory,
  NAMES,
  openLiveMemory,
  PLACES,
  STATE,
  writeName,
} from './live-memory.js';

/** What stands for a call that is not followed, as the parent of one that has none. */
export const NO_CALL = -1;

/** A call that found no place: it is counted, and not shown. */
const HIDDEN = -2;

// A ticket is a place and how often it was taken, so that one that has ended is never taken for the next one there. Both
// fit into a small integer.
const PLACE_BITS = Math.log2(PLACES);
const PLACE_MASK = PLACES - 1;
const ROUNDS = 0xf_ffff;

/** The live calls of one thread, shared by all copies of the package. */
export interface LiveCalls {
  readonly memory: LiveMemory;
  /** The numbers of names: of functions, and of places in the code. */
  readonly functions: Map<string, number>;
  readonly places: Map<string, number>;
  /** Places that are free, as a stack. */
  readonly free: Int32Array;
  freeCount: number;
  /** How often each place was taken. */
  readonly rounds: Int32Array;
  /** The parent's ticket and the number of open children, by place. */
  readonly parents: Int32Array;
  readonly children: Int32Array;
  isOn: boolean;
  /** Told while somebody wants to know where calls wait, and for how long, in milliseconds. */
  whereWanted?: ((forMs: number) => void) | undefined;
}

let own: LiveCalls | undefined;

/** The number of the function `name`; 0, which is shown as unknown, when there are too many. Ask once for each function. */
export function functionIdOf(name: string): number {
  return numberOf(name, liveCalls().functions, NAMES);
}

/** Begins to write calls; the memory is for the observer. `stop` ends it, and the calls of then leave as they end. */
export function startLiveCalls(): { readonly memory: LiveMemory; stop(): void } {
  const calls = liveCalls();
  const { memory } = calls;
  calls.isOn = true;
  memory.head[HEAD.isOn] = 1;
  return {
    memory,
    stop() {
      calls.isOn = false;
      memory.head[HEAD.isOn] = 0;
    },
  };
}

/**
 * Takes a place for a call of the function `functionId` that starts to run at `startMs` (monotonic milliseconds); `parent`
 * is what this returned for the call that makes it, or NO_CALL; `idleMs` is how long the loop has slept so far, where that
 * is known. Returns the ticket that the other functions take. Pass every ticket to `closeLiveCall`, negative ones too.
 */
export function openLiveCall(functionId: number, startMs: number, parent: number, idleMs: number = Number.NaN): number {
  const calls = own;
  if (calls === undefined || !calls.isOn) return NO_CALL;
  const { memory } = calls;
  if (calls.freeCount === 0) {
    memory.head[HEAD.hidden] = (memory.head[HEAD.hidden] ?? 0) + 1;
    return HIDDEN;
  }
  const { ints, numbers } = memory;
  const place = calls.free[--calls.freeCount] ?? 0;
  const before = calls.rounds[place] ?? 0;
  // From 1 on: 0 is a free place.
  const round = before >= ROUNDS ? 1 : before + 1;
  calls.rounds[place] = round;
  const ticket = (round << PLACE_BITS) | place;
  const at = place * CALL_INTS;
  const numbersAt = place * CALL_NUMBERS;
  numbers[numbersAt + CALL_NUMBER.start] = startMs;
  numbers[numbersAt + CALL_NUMBER.own] = 0;
  numbers[numbersAt + CALL_NUMBER.since] = startMs;
  numbers[numbersAt + CALL_NUMBER.idleAtStart] = idleMs;
  numbers[numbersAt + CALL_NUMBER.parentEnded] = 0;
  numbers[numbersAt + CALL_NUMBER.offloaded] = 0;
  ints[at + CALL.function] = functionId;
  ints[at + CALL.state] = STATE.running;
  ints[at + CALL.where] = 0;
  ints[at + CALL.wakes] = 0;
  ints[at + CALL.ownWakes] = 0;
  const parentPlace = parent & PLACE_MASK;
  if (parent > 0 && ints[parentPlace * CALL_INTS] === parent) {
    calls.parents[place] = parent;
    calls.children[parentPlace] = (calls.children[parentPlace] ?? 0) + 1;
    ints[at + CALL.parent] = parent;
    ints[at + CALL.parentFunction] = ints[parentPlace * CALL_INTS + CALL.function] ?? 0;
  } else {
    calls.parents[place] = NO_CALL;
    ints[at + CALL.parent] = NO_CALL;
    ints[at + CALL.parentFunction] = 0;
  }
  // Last: a place with a ticket is shown.
  ints[at] = ticket;
  return ticket;
}

/** Gives the place back; a second time does nothing. `nowMs` is now, where the clock was read already. */
export function closeLiveCall(ticket: number, nowMs?: number): void {
  const calls = own;
  if (calls === undefined || ticket === NO_CALL) return;
  const { ints, head } = calls.memory;
  if (ticket === HIDDEN) {
    head[HEAD.hidden] = Math.max(0, (head[HEAD.hidden] ?? 0) - 1);
    return;
  }
  const place = ticket & PLACE_MASK;
  const at = place * CALL_INTS;
  if (ints[at] !== ticket) return;
  ints[at] = 0;
  calls.free[calls.freeCount++] = place;
  const parent = calls.parents[place] ?? NO_CALL;
  if (parent !== NO_CALL) {
    calls.parents[place] = NO_CALL;
    const parentPlace = parent & PLACE_MASK;
    if (ints[parentPlace * CALL_INTS] === parent) calls.children[parentPlace] = (calls.children[parentPlace] ?? 1) - 1;
  }
  if ((calls.children[place] ?? 0) > 0) orphan(calls, ticket, nowMs);
}

/**
 * Notes that a call begins (`isRunning`) or ends a stretch of running at `nowMs`, and that `ownMs` of its time so far were
 * its own; of a call that is not measured, the stretches that were noted are known all the same. To be called for the end
 * of the first stretch, and for each one of a measured call.
 */
export function noteSegment(ticket: number, ownMs: number, isRunning: boolean, nowMs: number): void {
  if (ticket <= 0 || own === undefined) return;
  const { ints, numbers } = own.memory;
  const place = ticket & PLACE_MASK;
  const at = place * CALL_INTS;
  if (ints[at] !== ticket) return;
  const state = ints[at + CALL.state] ?? 0;
  const isMeasured = state >= STATE.measuredRunning;
  const numbersAt = place * CALL_NUMBERS;
  const before = numbers[numbersAt + CALL_NUMBER.own] ?? 0;
  const ranMs = state === STATE.running ? nowMs - (numbers[numbersAt + CALL_NUMBER.since] ?? nowMs) : 0;
  numbers[numbersAt + CALL_NUMBER.own] = isMeasured ? ownMs : Math.max(ownMs, before + ranMs);
  numbers[numbersAt + CALL_NUMBER.since] = nowMs;
  ints[at + CALL.state] = (isRunning ? STATE.running : STATE.waiting) + (isMeasured ? 2 : 0);
}

/** The table of this thread, made on first use: importing does nothing. */
export function liveCalls(): LiveCalls {
  if (own === undefined) {
    const state = sharedState();
    state.liveCalls ??= createLiveCalls();
    own = state.liveCalls;
  }
  return own;
}

/** The table of this thread, where there is one. */
export const liveTable = (): LiveCalls | undefined => own;

/** Where the integers of the call are; -1 where it has ended, or has no place. */
export function placeOf(ticket: number): number {
  if (ticket <= 0 || own === undefined) return -1;
  const at = (ticket & PLACE_MASK) * CALL_INTS;
  return own.memory.ints[at] === ticket ? at : -1;
}

/** The number of a name that crosses to the observer, of at most `limit` that `known` has; 0 where there is no room. */
export function numberOf(name: string, known: Map<string, number>, limit: number): number {
  const number = known.get(name);
  if (number !== undefined) return number;
  if (known.size >= limit) return 0;
  const next = writeName(liveCalls().memory, name);
  known.set(name, next);
  return next;
}

// ---------------------------------------------------------------------------------------------------------------------

function createLiveCalls(): LiveCalls {
  return {
    memory: openLiveMemory(),
    functions: new Map(),
    places: new Map(),
    // Those that are taken first come last.
    free: Int32Array.from({ length: PLACES }, (_, index) => PLACES - 1 - index),
    freeCount: PLACES,
    rounds: new Int32Array(PLACES),
    parents: new Int32Array(PLACES).fill(NO_CALL),
    children: new Int32Array(PLACES),
    isOn: false,
  };
}

// A call that ends before those that it made: they are told when.
function orphan({ memory, parents, children }: LiveCalls, ticket: number, nowMs: number | undefined): void {
  children[ticket & PLACE_MASK] = 0;
  const endMs = nowMs ?? systemClock.monotonicMs();
  for (let place = parents.indexOf(ticket); place >= 0; place = parents.indexOf(ticket, place + 1)) {
    parents[place] = NO_CALL;
    memory.numbers[place * CALL_NUMBERS + CALL_NUMBER.parentEnded] = endMs;
  }
}
