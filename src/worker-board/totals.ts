// Reading the board: what living and ended threads of one name add up to; and making room when a thread has ended.

import { LOOP, overdueMs } from '../stalls/loop/loop-record.js';
import { COUNTED, COUNTED_LENGTH, DIRECTIONS } from './counted.js';
import {
  BEAT,
  type Board,
  ENDED,
  HEAD,
  HEAP_SPACE_COUNT,
  NAME_COUNT,
  nameAt,
  nameTotals,
  SLOT,
  SLOT_COUNT,
  slotFloats,
  slotInts,
} from './memory.js';
import { messagesInFlight } from './message-line.js';
import { HELD_MS } from './see-threads.js';

/** Threads of one name. */
export interface NamedThreads {
  /** What they counted (counted.ts); ended threads included. */
  readonly counted: Float64Array;
  /** Longest time that a living thread has been overdue, in milliseconds; NaN when none lives. */
  blockedMs: number;
  /** Longest time since a living thread last wrote, in milliseconds; NaN when none lives. */
  reportAgeMs: number;
  /** The living by what their loop does, in the order of WORKER_STATES. */
  readonly states: number[];
  /** Sum of the sizes that the heaps of the living may grow to, in bytes; NaN when none has told it. */
  heapLimit: number;
  /** Bytes in use by the living, by space, in the order of V8. */
  readonly heapSpaces: Float64Array;
  /** Messages of the living that are under way, by direction; NaN where nobody counts them. */
  readonly inFlight: number[];
}

/** What the loop of a worker can do: it turns, it is held, or the thread is in a wait, which may be that for its next task. */
export const WORKER_STATES = ['turning', 'blocked', 'waiting'] as const;
const WAITING = WORKER_STATES.indexOf('waiting');

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
  const named = (name: string): NamedThreads => {
    let known = threads.get(name);
    if (known === undefined) {
      known = noThreads();
      threads.set(name, known);
    }
    return known;
  };

  for (let number = 0; number < NAME_COUNT; number++) {
    const totals = nameTotals(number);
    const name = nameAt(board, number);
    if (name === undefined || !floats.subarray(totals, totals + COUNTED_LENGTH).some((value) => value > 0)) continue;
    addTo(named(name).counted, floats, totals);
  }
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const own = slotInts(slot);
    const number = Atomics.load(ints, own + SLOT.name);
    const from = slotFloats(slot);
    const lastTurn = at(floats, from + BEAT.lastTurn);
    if (Atomics.load(ints, own + SLOT.thread) === 0 || number === 0 || lastTurn === 0) continue;
    const name = nameAt(board, number - 1);
    if (name === undefined) continue;
    const group = named(name);
    addTo(group.counted, floats, from + BEAT.counted);
    addSeen(group.counted, board, slot);
    if (Atomics.load(ints, own + SLOT.ended) !== 0) continue;
    const heldMs = overdueMs(floats.subarray(from), nowMs);
    const isWaiting = at(floats, from + LOOP.waiting) > 0;
    const state = isWaiting ? WAITING : heldMs < HELD_MS ? 0 : 1 + Atomics.load(ints, own + SLOT.asleep);
    group.states[state] = at(group.states, state) + 1;
    group.blockedMs = maximum(group.blockedMs, heldMs);
    group.reportAgeMs = maximum(group.reportAgeMs, Math.max(0, nowMs - lastTurn));
    addHeap(group, floats, from);
    for (const direction of DIRECTIONS.keys()) {
      group.inFlight[direction] = sum(at(group.inFlight, direction), messagesInFlight(board, slot, direction));
    }
  }
  return threads;
}

function noThreads(): NamedThreads {
  return {
    counted: new Float64Array(COUNTED_LENGTH),
    blockedMs: Number.NaN,
    reportAgeMs: Number.NaN,
    states: WORKER_STATES.map(() => 0),
    heapLimit: Number.NaN,
    heapSpaces: new Float64Array(HEAP_SPACE_COUNT),
    inFlight: DIRECTIONS.map(() => Number.NaN),
  };
}

function addTo(counted: Float64Array, floats: Float64Array, from: number): void {
  for (let index = 0; index < COUNTED_LENGTH; index++) {
    counted[index] = at(counted, index) + at(floats, from + index);
  }
}

// A blocked thread tells nothing, so of what it told and what the observer saw the higher counts; both only grow.
function addSeen(counted: Float64Array, { ints, floats }: Board, slot: number): void {
  const own = slotInts(slot);
  if (Atomics.load(ints, own + SLOT.seen) !== Atomics.load(ints, own + SLOT.thread)) return;
  const from = slotFloats(slot);
  for (const [told, seen] of SEEN) {
    const more = at(floats, from + seen) - at(floats, from + BEAT.counted + told);
    if (more > 0) counted[told] = at(counted, told) + more;
  }
}

const SEEN = [
  [COUNTED.cpu, BEAT.seenCpu],
  [COUNTED.cpuWait, BEAT.seenCpuWait],
] as const;

function addHeap(group: NamedThreads, floats: Float64Array, from: number): void {
  const limit = at(floats, from + BEAT.heapLimit);
  if (limit === 0) return;
  group.heapLimit = sum(group.heapLimit, limit);
  for (let space = 0; space < HEAP_SPACE_COUNT; space++) {
    group.heapSpaces[space] = at(group.heapSpaces, space) + at(floats, from + BEAT.heapSpaces + space);
  }
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

function fold(board: Board, slot: number): void {
  const { ints, floats } = board;
  const own = slotInts(slot);
  const from = slotFloats(slot);
  const name = Atomics.load(ints, own + SLOT.name);
  Atomics.add(ints, HEAD.folds, 1);
  if (name > 0) {
    const totals = floats.subarray(nameTotals(name - 1), nameTotals(name - 1) + COUNTED_LENGTH);
    addTo(totals, floats, from + BEAT.counted);
    addSeen(totals, board, slot);
  }
  // Marks of messages are never read before they are written again.
  floats.fill(0, from, from + BEAT.marks);
  for (let field = own + SLOT.name; field < slotInts(slot + 1); field++) Atomics.store(ints, field, 0);
  Atomics.store(ints, own + SLOT.thread, 0);
  Atomics.add(ints, HEAD.folds, 1);
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;

function maximum(some: number, other: number): number {
  if (Number.isNaN(some)) return other;
  return Number.isNaN(other) ? some : Math.max(some, other);
}

function sum(some: number, other: number): number {
  if (Number.isNaN(some)) return other;
  return Number.isNaN(other) ? some : some + other;
}
