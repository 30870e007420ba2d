// What is noted of a live call beyond its start and end: where it is measured, what it does; and where it waits, while somebody
// wants to know that.
import { reportFailure } from '../diagnostics.js';
import { liveCalls, liveTable, numberOf, placeOf } from './live-calls.js';
import { CALL, CALL_INTS, CALL_NUMBER, CALL_NUMBERS, HEAD, HEAD_NUMBER, NAMES, STATE } from './live-memory.js';

/** Places in the code may take so many of the names, and leave the others to functions. */
const PLACE_NAMES = NAMES / 4;

/** Notes that every stretch of the call is told from now on, so that what is its own is known exactly. */
export function noteMeasured(ticket: number): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own === undefined || at < 0) return;
  const { ints } = own.memory;
  const state = ints[at + CALL.state] ?? STATE.running;
  if (state < STATE.measuredRunning) ints[at + CALL.state] = state + 2;
}

/** Notes that the call is no longer measured and goes on: from now on it is not known whether it runs, or where it waits. */
export function noteCut(ticket: number): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own === undefined || at < 0) return;
  const { ints } = own.memory;
  ints[at + CALL.state] = STATE.waiting;
  ints[at + CALL.where] = 0;
}

/** Notes that a measured call was resumed; `isByItself` where nothing but its own yielding was waited for. */
export function noteWake(ticket: number, isByItself: boolean): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own === undefined || at < 0) return;
  const { ints } = own.memory;
  ints[at + CALL.wakes] = (ints[at + CALL.wakes] ?? 0) + 1;
  if (isByItself) ints[at + CALL.ownWakes] = (ints[at + CALL.ownWakes] ?? 0) + 1;
}

/** Notes how long work of the call has been with threads and processes so far, in milliseconds. */
export function noteOffloaded(ticket: number, offloadedMs: number): void {
  setNumber(ticket, CALL_NUMBER.offloaded, offloadedMs);
}

/** Notes how much time of a measured call was its own so far, in milliseconds. */
export function noteOwn(ticket: number, ownMs: number): void {
  setNumber(ticket, CALL_NUMBER.own, ownMs);
}

/** Notes where the call waits, as `whereNow` has it (where.ts). */
export function noteWhere(ticket: number, where: string): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own !== undefined && at >= 0) own.memory.ints[at + CALL.where] = numberOf(where, own.places, PLACE_NAMES);
}

/** Notes that the call waits elsewhere, and that nobody looked where. */
export function forgetWhere(ticket: number): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own !== undefined && at >= 0) own.memory.ints[at + CALL.where] = 0;
}

/**
 * Has `callback` told at each turn of the loop at which somebody wants to know where calls wait, and for how many
 * milliseconds: it may be able to find out at a later turn only. Returns its undo.
 */
export function whenWhereIsWanted(callback: (forMs: number) => void): () => void {
  const calls = liveCalls();
  const { head } = calls.memory;
  calls.whereWanted = callback;
  head[HEAD.notesPlaces] = 1;
  return () => {
    if (calls.whereWanted !== callback) return;
    calls.whereWanted = undefined;
    head[HEAD.notesPlaces] = 0;
  };
}

/** To be called at each turn of the loop that is seen: `idleMs` is how long it has slept in all, as of `nowMs`. */
export function noteTurn(idleMs: number, nowMs: number): void {
  const calls = liveTable();
  if (calls === undefined || !calls.isOn) return;
  const { headNumbers } = calls.memory;
  headNumbers[HEAD_NUMBER.idle] = idleMs;
  headNumbers[HEAD_NUMBER.idleAt] = nowMs;
  const untilMs = headNumbers[HEAD_NUMBER.whereUntil] ?? 0;
  if (untilMs <= nowMs) return;
  try {
    calls.whereWanted?.(untilMs - nowMs);
  } catch (error) {
    reportFailure('it could not be noted where traced calls wait', error);
  }
}

function setNumber(ticket: number, field: number, value: number): void {
  const own = liveTable();
  const at = placeOf(ticket);
  if (own !== undefined && at >= 0) own.memory.numbers[(at / CALL_INTS) * CALL_NUMBERS + field] = value;
}
