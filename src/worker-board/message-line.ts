// One direction of messages between a worker and its parent: how many are under way, and how long each has been.
// Messages of a port keep their order, so the n-th that is received is the n-th that was sent.
import { type Board, LINE, lineInts, MARK_COUNT, markFloats, SLOT, slotInts } from './memory.js';

/** Above this share of marks in use, in parts of four, a message shares the last mark with up to this many others. */
const SHARED = [1, 1, 16, 256] as const;

/** The sending end. One thread alone writes it. */
export interface SendingEnd {
  /** A message is about to be sent; returns what takes that back, for one that could not be. */
  sending(nowMs: number): void;
  /** The message of the last `sending` was not sent. */
  unsent(): void;
}

/** The receiving end. One thread alone writes it. */
export interface ReceivingEnd {
  /** A message was received; returns how long it was under way, in milliseconds, NaN where nobody counted it. */
  received(nowMs: number): number;
  /** Messages are no longer counted here. */
  close(): void;
}

/**
 * The sending end of a direction (0 to the worker, 1 from it) in the slot of `threadId`. When was sent what is kept as
 * marks: one for each message at first; of many under way, several that were sent one after the other share one.
 */
export function openSendingEnd(board: Board, slot: number, direction: number, threadId: number): SendingEnd {
  const { ints, floats } = board;
  const at = lineInts(slot, direction);
  const isOurs = () => Atomics.load(ints, slotInts(slot) + SLOT.thread) === threadId;
  let isSending = false;
  let hasMarked = false;

  return {
    sending(nowMs) {
      isSending = isOurs();
      if (!isSending) return;
      const sent = Atomics.load(ints, at + LINE.sent);
      const written = Atomics.load(ints, at + LINE.written);
      const used = (written - Atomics.load(ints, at + LINE.read)) | 0;
      const room = used < MARK_COUNT - 1;
      const share = SHARED[Math.floor((4 * used) / MARK_COUNT)] ?? 1;
      const lastFirst = floats[markFloats(slot, direction, written - 1)] ?? 0;
      hasMarked = written === 0 || (room && ((sent - lastFirst) | 0) >= share);
      if (hasMarked) {
        const mark = markFloats(slot, direction, written);
        floats[mark] = sent;
        floats[mark + 1] = nowMs;
        Atomics.store(ints, at + LINE.written, written + 1);
      }
      // Before the message: whoever receives it finds it counted.
      Atomics.store(ints, at + LINE.sent, sent + 1);
    },
    unsent() {
      if (!isSending || !isOurs()) return;
      isSending = false;
      Atomics.sub(ints, at + LINE.sent, 1);
      if (hasMarked) Atomics.sub(ints, at + LINE.written, 1);
    },
  };
}

/** The receiving end of a direction in the slot of `threadId`; from now on it is known how many messages are under way. */
export function openReceivingEnd(board: Board, slot: number, direction: number, threadId: number): ReceivingEnd {
  const { ints, floats } = board;
  const at = lineInts(slot, direction);
  const isOurs = () => Atomics.load(ints, slotInts(slot) + SLOT.thread) === threadId;
  Atomics.store(ints, at + LINE.ready, 1);

  return {
    received(nowMs) {
      if (!isOurs()) return Number.NaN;
      const received = Atomics.load(ints, at + LINE.received);
      // From before the sending end was opened, or sent past it.
      if (((Atomics.load(ints, at + LINE.sent) - received) | 0) <= 0) return Number.NaN;
      const written = Atomics.load(ints, at + LINE.written);
      let read = Atomics.load(ints, at + LINE.read);
      const firstOf = (mark: number) => floats[markFloats(slot, direction, mark)] ?? 0;
      while (((written - read) | 0) > 1 && ((received - firstOf(read + 1)) | 0) >= 0) read = (read + 1) | 0;
      const sentMs = floats[markFloats(slot, direction, read) + 1] ?? Number.NaN;
      Atomics.store(ints, at + LINE.read, read);
      Atomics.store(ints, at + LINE.received, received + 1);
      return Math.max(0, nowMs - sentMs);
    },
    close() {
      if (isOurs()) Atomics.store(ints, at + LINE.ready, 0);
    },
  };
}

/** Messages that were sent and not received; NaN where that is not known. */
export function messagesInFlight({ ints }: Board, slot: number, direction: number): number {
  const at = lineInts(slot, direction);
  if (Atomics.load(ints, at + LINE.ready) === 0) return Number.NaN;
  const received = Atomics.load(ints, at + LINE.received);
  return Math.max(0, (Atomics.load(ints, at + LINE.sent) - received) | 0);
}
