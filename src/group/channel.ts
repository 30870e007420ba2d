// One connection between members: frames in both directions, and nobody waits for an end that does not read.
import type { Socket } from 'node:net';
import { createFrameReader, type Frame } from './frames.js';

/** What may wait in memory for the other end: one large frame and some more. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface Channel {
  /** Whether the other end has read what it was sent. */
  readonly isClear: boolean;
  send(frame: Buffer): void;
  close(): void;
}

/** Reads frames from `socket` until it ends. A frame that is none, or that `onFrame` throws at, ends it, and is told. */
export function openChannel(
  socket: Socket,
  onFrame: (frame: Frame) => void,
  onBroken: (error: unknown) => void,
): Channel {
  const read = createFrameReader(onFrame);
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      socket.destroy();
      onBroken(error);
    }
  });
  // The other process has ended, or has ended the connection: 'close' follows.
  socket.on('error', () => {});
  return {
    get isClear() {
      return socket.writableLength === 0;
    },
    send(frame) {
      if (socket.destroyed) return;
      if (socket.writableLength > MAX_WAITING_BYTES) socket.destroy();
      else socket.write(frame);
    },
    close() {
      socket.destroy();
    },
  };
}
