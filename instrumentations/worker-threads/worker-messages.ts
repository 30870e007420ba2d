// In a thread that creates workers: the messages that it sends to them, and those that it gets from them.
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/clock.js';
import { isOwn } from '../../src/own.js';
import { COUNTED, countDuration, countOne } from '../../src/worker-board/counted.js';
import { BEAT, type Board, claimSlot, SLOT, slotFloats, slotInts } from '../../src/worker-board/memory.js';
import { openReceivingEnd, openSendingEnd, type SendingEnd } from '../../src/worker-board/message-line.js';
import { countingSent } from './counting-sent.js';
import { publicPortOf, watchReceived } from './received-messages.js';
import { isInternal } from './worker-names.js';

const TO_WORKER = 0;
const FROM_WORKER = 1;

/** Counts messages with workers on the board. */
export interface WorkerMessages {
  /** A worker was found; called again it does nothing. */
  watch(worker: Worker): void;
  /** A worker has ended. */
  forget(worker: Worker): void;
  stop(): void;
}

interface Watched {
  readonly sending: SendingEnd | undefined;
  stop(): void;
}

const NOT_WATCHED: Watched = { sending: undefined, stop() {} };

/** Starts counting what this thread sends to workers that it creates, from their first message on. */
export function watchWorkerMessages(board: Board): WorkerMessages {
  // Of a worker that is gone nothing is kept.
  const watched = new WeakMap<object, Watched>();
  const living = new Set<Watched>();
  let stopped = false;

  function watchedOf(worker: Worker): Watched {
    let known = watched.get(worker);
    if (known !== undefined) return known;
    known = NOT_WATCHED;
    try {
      if (!isInternal(worker) && !isOwn(worker)) known = open(board, worker);
    } catch {
      // Its figures are missing then; the message is sent.
    }
    watched.set(worker, known);
    if (known !== NOT_WATCHED) living.add(known);
    return known;
  }

  const { prototype } = Worker;
  const original = prototype.postMessage;
  const postMessage = countingSent(original, (worker) => {
    if (stopped || !(worker instanceof Worker)) return undefined;
    return watchedOf(worker).sending;
  });
  prototype.postMessage = postMessage;

  return {
    watch: (worker) => void watchedOf(worker),
    forget(worker) {
      const known = watched.get(worker);
      if (known === undefined) return;
      known.stop();
      living.delete(known);
      watched.set(worker, NOT_WATCHED);
    },
    stop() {
      stopped = true;
      // Where somebody has wrapped ours meanwhile, it passes on from now on.
      if (prototype.postMessage === postMessage) prototype.postMessage = original;
      for (const one of living) one.stop();
      living.clear();
    },
  };
}

function open(board: Board, worker: Worker): Watched {
  const { threadId } = worker;
  // A worker may be sent messages before it is found: in the turn that created it.
  const slot = threadId > 0 ? claimSlot(board, threadId) : undefined;
  if (slot === undefined) return NOT_WATCHED;
  const counted = board.floats.subarray(slotFloats(slot) + BEAT.counted);
  const isOurs = () => Atomics.load(board.ints, slotInts(slot) + SLOT.thread) === threadId;
  const port = publicPortOf(worker);
  const undo =
    port === undefined
      ? undefined
      : watchReceived(port, (isReadable) => {
          const waitMs = receiving?.received(systemClock.monotonicMs()) ?? Number.NaN;
          if (!Number.isNaN(waitMs)) countDuration(counted, COUNTED.messageWaits(FROM_WORKER), waitMs / 1000);
          if (!isReadable && isOurs()) countOne(counted, COUNTED.messageErrors(FROM_WORKER));
        });
  const receiving = undo === undefined ? undefined : openReceivingEnd(board, slot, FROM_WORKER, threadId);
  return {
    sending: openSendingEnd(board, slot, TO_WORKER, threadId),
    stop() {
      undo?.();
      receiving?.close();
    },
  };
}
