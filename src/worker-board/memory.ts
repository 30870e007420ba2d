// The board: shared memory in which each worker thread keeps its heartbeat and figures, readable while it is blocked and after its end.
import { LOOP, LOOP_LENGTH, waitedMs } from '../stalls/loop/loop-record.js';
import { COUNTED, COUNTED_LENGTH } from './counted.js';

/** Key of the board in the environment data of every thread. */
export const BOARD_KEY = 'loopsight.board';

/** Workers that can be on the board at the same time. */
export const SLOT_COUNT = 256;
/** Names that can be on the board; the last one is `other`. */
export const NAME_COUNT = 51;
/** Spaces of a heap that are kept; V8 has about ten. */
export const HEAP_SPACE_COUNT = 16;
/** Marks of one direction of messages (message-line.ts). */
export const MARK_COUNT = 256;

/** Fields of the board's head. */
export const HEAD = {
  layout: 0,
  closed: 1,
  unwatched: 2,
  folds: 3,
  capturing: 4,
  capture: 5,
  wrapCalls: 6,
  claims: 7,
  collections: 8,
  sampling: 9,
} as const;
/**
 * Whole numbers of a slot. `thread` is 0 in a free one; `name` is 0 until the parent told it, then its number plus 1;
 * `seen` is the thread that the observer wrote its figures of, `asleep` whether that used no CPU when it was looked at.
 */
export const SLOT = { thread: 0, name: 1, parent: 2, ended: 3, seen: 4, asleep: 5, lines: 6 } as const;
/** Whole numbers of one direction of messages, of which a slot has two (message-line.ts). */
export const LINE = { ready: 0, sent: 1, received: 2, written: 3, read: 4 } as const;
const LINE_INTS = 5;
const MARK_FLOATS = 2;
/**
 * Numbers of a slot: what the loop tells of itself (loop-record.ts), what it counted (counted.ts), how its heap stands,
 * what the observer saw of it, and the marks of its messages.
 */
export const BEAT = {
  lastTurn: LOOP.lastTurn,
  nextDue: LOOP.nextDue,
  counted: LOOP_LENGTH,
  heapLimit: LOOP_LENGTH + COUNTED_LENGTH,
  heapSpaces: LOOP_LENGTH + COUNTED_LENGTH + 1,
  seenCpu: LOOP_LENGTH + COUNTED_LENGTH + 1 + HEAP_SPACE_COUNT,
  seenCpuWait: LOOP_LENGTH + COUNTED_LENGTH + 2 + HEAP_SPACE_COUNT,
  marks: LOOP_LENGTH + COUNTED_LENGTH + 3 + HEAP_SPACE_COUNT,
} as const;
/** A thread that said itself that it ends, and one that its parent saw end. */
export const ENDED = { itself: 1, seen: 2 } as const;

const LAYOUT = 7;
const HEAD_INTS = 10;
const SLOT_INTS = SLOT.lines + 2 * LINE_INTS;
const SLOT_FLOATS = BEAT.marks + 2 * MARK_COUNT * MARK_FLOATS;
// A byte of length and the text in UTF-8.
const NAME_BYTES = 256;
const WRITING = 1;
const WRITTEN = 2;

const INTS = HEAD_INTS + NAME_COUNT + SLOT_COUNT * SLOT_INTS;
const FLOATS_AT = Math.ceil(INTS / 2) * 8;
// The head has two floats: the mean interval of the probes and the threshold of stalls.
const HEAD_FLOATS = 2;
const FLOATS = HEAD_FLOATS + NAME_COUNT * COUNTED_LENGTH + SLOT_COUNT * SLOT_FLOATS;
const TEXT_AT = FLOATS_AT + FLOATS * 8;

/** A board as one thread maps it. */
export interface Board {
  readonly buffer: SharedArrayBuffer;
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  readonly text: Buffer;
  /** Mean of the random intervals between lag probes, in milliseconds. */
  readonly lagProbeIntervalMs: number;
  /** A loop that does not turn for longer has a stall, in milliseconds. */
  readonly stallThresholdMs: number;
}

export interface BoardOptions {
  readonly lagProbeIntervalMs: number;
  readonly stallThresholdMs: number;
  /** Whether stacks of workers may be captured. */
  readonly capture: boolean;
  /** Whether calls that cannot be interrupted are wrapped for that. */
  readonly wrapCalls: boolean;
  /** Whether collections of garbage are counted. @default false */
  readonly collections?: boolean;
}

/** Creates an empty board. */
export function createBoard(options: BoardOptions): Board {
  const { lagProbeIntervalMs, stallThresholdMs, capture, wrapCalls, collections = false } = options;
  const buffer = new SharedArrayBuffer(TEXT_AT + NAME_COUNT * NAME_BYTES);
  const head = new Int32Array(buffer);
  head[HEAD.layout] = LAYOUT;
  head[HEAD.capture] = capture ? 1 : 0;
  head[HEAD.wrapCalls] = capture && wrapCalls ? 1 : 0;
  head[HEAD.collections] = collections ? 1 : 0;
  new Float64Array(buffer, FLOATS_AT).set([lagProbeIntervalMs, stallThresholdMs]);
  return map(buffer);
}

/** Maps a board that another thread created; undefined when another version of the package did. */
export function openBoard(buffer: unknown): Board | undefined {
  if (!(buffer instanceof SharedArrayBuffer) || new Int32Array(buffer, 0, 1)[HEAD.layout] !== LAYOUT) return undefined;
  return map(buffer);
}

function map(buffer: SharedArrayBuffer): Board {
  const floats = new Float64Array(buffer, FLOATS_AT, FLOATS);
  const ints = new Int32Array(buffer, 0, INTS);
  const [lagProbeIntervalMs = 50, stallThresholdMs = 100] = floats;
  return { buffer, ints, floats, text: Buffer.from(buffer, TEXT_AT), lagProbeIntervalMs, stallThresholdMs };
}

/** Where the whole numbers of a slot begin in `ints`. */
export const slotInts = (slot: number): number => HEAD_INTS + NAME_COUNT + slot * SLOT_INTS;
/** Where the numbers of a slot begin in `floats`. */
export const slotFloats = (slot: number): number => HEAD_FLOATS + NAME_COUNT * COUNTED_LENGTH + slot * SLOT_FLOATS;
/** Where the whole numbers of a direction of messages (0 to the worker, 1 from it) begin in `ints`. */
export const lineInts = (slot: number, direction: number): number =>
  slotInts(slot) + SLOT.lines + direction * LINE_INTS;
/** Where the mark with this number begins in `floats`: the first message that it stands for, and when that was sent. */
export const markFloats = (slot: number, direction: number, mark: number): number =>
  slotFloats(slot) + BEAT.marks + (direction * MARK_COUNT + (mark & (MARK_COUNT - 1))) * MARK_FLOATS;
/** Where the totals of the ended threads of a name begin in `floats`. */
export const nameTotals = (name: number): number => HEAD_FLOATS + name * COUNTED_LENGTH;

/** The slot of a thread, if it has one. */
export function findSlot({ ints }: Board, threadId: number): number | undefined {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (Atomics.load(ints, slotInts(slot) + SLOT.thread) === threadId) return slot;
  }
  return undefined;
}

/** The slot of a thread, which is taken now if it has none; undefined when all are in use. */
export function claimSlot(board: Board, threadId: number): number | undefined {
  const own = findSlot(board, threadId);
  if (own !== undefined) return own;
  // A thread and its parent may both claim: they try the same slots in the same order.
  for (let tried = 0; tried < SLOT_COUNT; tried++) {
    const slot = (threadId + tried) % SLOT_COUNT;
    const before = Atomics.compareExchange(board.ints, slotInts(slot) + SLOT.thread, 0, threadId);
    // Who sees the new number finds the thread.
    if (before === 0) Atomics.add(board.ints, HEAD.claims, 1);
    if (before === 0 || before === threadId) return slot;
  }
  return undefined;
}

/**
 * Puts a thread on the board on behalf of its parent (0 is the main thread), who will also see it end. Threads that nobody
 * vouches for are not shown: nobody would tell of their end. Returns the slot, if there is one.
 */
export function announceThread(board: Board, threadId: number, name: string, parentId: number): number | undefined {
  // A thread that has ended already has no id.
  const slot = threadId > 0 ? claimSlot(board, threadId) : undefined;
  if (slot === undefined) return undefined;
  Atomics.store(board.ints, slotInts(slot) + SLOT.parent, parentId);
  Atomics.store(board.ints, slotInts(slot) + SLOT.name, numberOfName(board, name) + 1);
  return slot;
}

/** How long the thread of `slot` has waited for tasks outside of its loop, in milliseconds; 0 once the slot is another's. */
export function taskWaitMs({ ints, floats }: Board, slot: number, threadId: number, nowMs: number): number {
  if (Atomics.load(ints, slotInts(slot) + SLOT.thread) !== threadId) return 0;
  return waitedMs(floats.subarray(slotFloats(slot)), nowMs);
}

/** The sleep of the loop of the thread of `slot` that libuv did not count, in milliseconds; 0 once the slot is another's. */
export function lostSleepMs({ ints, floats }: Board, slot: number, threadId: number): number {
  if (Atomics.load(ints, slotInts(slot) + SLOT.thread) !== threadId) return 0;
  return floats[slotFloats(slot) + BEAT.counted + COUNTED.lostSleep] ?? 0;
}

/** Says that a thread has ended, and with it those that it created; called by its parent. */
export function markEnded({ ints }: Board, threadId: number): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const own = slotInts(slot);
    const thread = Atomics.load(ints, own + SLOT.thread);
    const isChild = thread !== 0 && Atomics.load(ints, own + SLOT.parent) === threadId;
    if (thread === threadId || isChild) Atomics.store(ints, own + SLOT.ended, ENDED.seen);
  }
}

/** The name with this number; undefined when it is not in use. */
export function nameAt({ ints, text }: Board, number: number): string | undefined {
  if (number === NAME_COUNT - 1) return 'other';
  if (Atomics.load(ints, HEAD_INTS + number) !== WRITTEN) return undefined;
  const at = number * NAME_BYTES;
  return text.toString('utf8', at + 1, at + 1 + (text[at] ?? 0));
}

// Two threads that add one name at the same time get two numbers: readers add up by name.
function numberOfName(board: Board, name: string): number {
  const { ints, text } = board;
  for (let number = 0; number < NAME_COUNT - 1; number++) {
    const state = HEAD_INTS + number;
    if (Atomics.compareExchange(ints, state, 0, WRITING) === 0) {
      const at = number * NAME_BYTES;
      text[at] = text.write(name, at + 1, NAME_BYTES - 1, 'utf8');
      Atomics.store(ints, state, WRITTEN);
      return number;
    }
    if (nameAt(board, number) === name) return number;
  }
  return NAME_COUNT - 1;
}
