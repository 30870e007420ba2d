// In a worker: the messages that it gets from the thread that created it, and those that it sends there.
import { parentPort, type receiveMessageOnPort, threadId } from 'node:worker_threads';
import { systemClock } from '../../src/clock.js';
import { COUNTED, countDuration, countOne } from '../../src/worker-board/counted.js';
import { BEAT, type Board, slotFloats } from '../../src/worker-board/memory.js';
import { openReceivingEnd, openSendingEnd } from '../../src/worker-board/message-line.js';
import { countingSent } from './counting-sent.js';
import { watchReceived } from './received-messages.js';

const TO_WORKER = 0;
const FROM_WORKER = 1;

/**
 * Counts the messages of this thread's parent port in its slot of `board`, and calls `onReceived` before each that it gets;
 * returns the undo.
 */
export function watchParentMessages(board: Board, slot: number, onReceived: () => void): () => void {
  const port = parentPort;
  if (port === null) return () => {};
  const undoReceived = countReceived(port, board, slot, onReceived);
  const sending = openSendingEnd(board, slot, FROM_WORKER, threadId);
  const original = port.postMessage;
  const postMessage = countingSent(original, (target) => (target === port ? sending : undefined));
  // On this one port: others are not counted, and do not pay.
  Object.defineProperty(port, 'postMessage', { value: postMessage, configurable: true, writable: true });
  return () => {
    undoReceived();
    if (Object.getOwnPropertyDescriptor(port, 'postMessage')?.value === postMessage) {
      Reflect.deleteProperty(port, 'postMessage');
    }
  };
}

function countReceived(port: object, board: Board, slot: number, onReceived: () => void): () => void {
  const counted = board.floats.subarray(slotFloats(slot) + BEAT.counted);
  const received = (isReadable: boolean) => {
    const waitMs = end?.received(systemClock.monotonicMs()) ?? Number.NaN;
    if (!Number.isNaN(waitMs)) countDuration(counted, COUNTED.messageWaits(TO_WORKER), waitMs / 1000);
    if (!isReadable) countOne(counted, COUNTED.messageErrors(TO_WORKER));
  };
  const undo = watchReceived(port, (isReadable) => {
    onReceived();
    received(isReadable);
  });
  const end = undo === undefined ? undefined : openReceivingEnd(board, slot, TO_WORKER, threadId);
  const undoTaken = end === undefined ? () => {} : watchTaken(port, () => received(true));
  return () => {
    undoTaken();
    undo?.();
    end?.close();
  };
}

// A thread that never lets its loop turn takes its messages out of the port itself.
function watchTaken(port: object, taken: () => void): () => void {
  const module = process.getBuiltinModule('node:worker_threads');
  const original = module.receiveMessageOnPort;
  const wrapper = {
    receiveMessageOnPort(this: unknown, ...args: Parameters<typeof original>): ReturnType<typeof original> {
      const message = Reflect.apply(original, this, args);
      if (args[0] === port && message !== undefined) taken();
      return message;
    },
  }.receiveMessageOnPort as typeof original;
  Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  setReceive(module, wrapper);
  return () => {
    if (module.receiveMessageOnPort === wrapper) setReceive(module, original);
  };
}

function setReceive(
  module: { receiveMessageOnPort: typeof receiveMessageOnPort },
  value: typeof receiveMessageOnPort,
): void {
  module.receiveMessageOnPort = value;
  // For `import { receiveMessageOnPort }`.
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
}
