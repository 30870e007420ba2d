// Reading the board: what living and ended threads of one name add up to; and making room when a thread has ended.

import { overdueMs } from '../stalls/loop-record.js';
import {
  BEAT,
  type Board,
  ENDED,
  HEAD,
  HISTOGRAM_LENGTH,
  NAME_COUNT,
  nameAt,
  nameTotals,
  SLOT,
  SLOT_COUNT,
  slotFloats,
  slotInts,
} from './memory.js';

/** Threads of one name. */
export interface NamedThreads {
  /** The count of each bucket of lag, then the sum in seconds; ended threads included. */
  readonly lag: Float64Array;
  /** Longest time that a living thread has been overdue, in milliseconds; NaN when none lives. */
  readonly blockedMs: number;
}

// The main thread folds a slot in microseconds, unless it loses the CPU just then.
const READ_ATTEMPTS = 3;

/** All threads that ever beat, by name; undefined when the board was being changed meanwhile. */
export function readBoard(board: Board, nowMs: number): Map<string, NamedThreads> | undefined {
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
    const folds = Atomics.load(board.ints, HEAD.folds);
    const threads = addUp(board, nowMs);
    if (folds % 2 === 0 && Atomics.load(board.ints, HEAD.folds) === folds) return threads;
  }
  return undefined;
}

function addUp(board: Board, nowMs: number): Map<string, NamedThreads> {
  const { ints, floats } = board;
  const threads = new Map<string, NamedThreads>();
  const add = (name: string | undefined, from: number, blockedMs: number) => {
    if (name === undefined) return;
    const known = threads.get(name) ?? { lag: new Float64Array(HISTOGRAM_LENGTH), blockedMs: Number.NaN };
    for (let index = 0; index < HISTOGRAM_LENGTH; index++)
      known.lag[index] = at(known.lag, index) + at(floats, from + index);
    threads.set(name, { lag: known.lag, blockedMs: maximum(known.blockedMs, blockedMs) });
  };

  for (let name = 0; name < NAME_COUNT; name++) {
    const totals = nameTotals(name);
    if (floats.subarray(totals, totals + HISTOGRAM_LENGTH).some((value) => value > 0)) {
      add(nameAt(board, name), totals, Number.NaN);
    }
  }
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const own = slotInts(slot);
    const name = Atomics.load(ints, own + SLOT.name);
    const from = slotFloats(slot);
    const lastTurn = at(floats, from + BEAT.lastTurn);
    if (Atomics.load(ints, own + SLOT.thread) === 0 || name === 0 || lastTurn === 0) continue;
    const ended = Atomics.load(ints, own + SLOT.ended) !== 0;
    const blockedMs = ended ? Number.NaN : overdueMs(floats.subarray(from), nowMs);
    add(nameAt(board, name - 1), from + BEAT.histogram, blockedMs);
  }
  return threads;
}

/** Adds what ended threads counted to the totals of their names, and frees their slots. Only the main thread may. */
export function foldEnded(board: Board): void {
  const { ints } = board;
  // A thread ends with its parent. Parents have the smaller ids, so one pass in the order of ids reaches all.
  const threads = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)
    .filter((slot) => Atomics.load(ints, slotInts(slot) + SLOT.thread) !== 0)
    .sort((a, b) => at(ints, slotInts(a) + SLOT.thread) - at(ints, slotInts(b) + SLOT.thread));
  const ended = new Set<number>();
  for (const slot of threads) {
    const own = slotInts(slot);
    const end = Atomics.load(ints, own + SLOT.ended);
    const parentEnded = ended.has(Atomics.load(ints, own + SLOT.parent));
    const unannounced = Atomics.load(ints, own + SLOT.name) === 0;
    if (!parentEnded && end !== ENDED.seen && !(unannounced && end === ENDED.itself)) continue;
    ended.add(at(ints, own + SLOT.thread));
    fold(board, slot);
  }
}

function fold({ ints, floats }: Board, slot: number): void {
  const own = slotInts(slot);
  const from = slotFloats(slot);
  const name = Atomics.load(ints, own + SLOT.name);
  Atomics.add(ints, HEAD.folds, 1);
  if (name > 0) {
    const totals = nameTotals(name - 1);
    for (let index = 0; index < HISTOGRAM_LENGTH; index++) {
      floats[totals + index] = at(floats, totals + index) + at(floats, from + BEAT.histogram + index);
    }
  }
  floats.fill(0, from, from + BEAT.histogram + HISTOGRAM_LENGTH);
  for (const field of [SLOT.name, SLOT.parent, SLOT.ended, SLOT.thread]) Atomics.store(ints, own + field, 0);
  Atomics.add(ints, HEAD.folds, 1);
}

const at = (values: Float64Array | Int32Array, index: number): number => values[index] ?? 0;

function maximum(some: number, other: number): number {
  if (Number.isNaN(some)) return other;
  return Number.isNaN(other) ? some : Math.max(some, other);
}
