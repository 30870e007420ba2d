// One WebSocket on the server's side: text both ways, within limits, closed when its client is silent or does not read.
import type { Socket } from 'node:net';
import { CLOSE, closeFrame, createFrameReader, frame, type Incoming, OPCODE } from './frames.js';

export interface SocketLimits {
  /** Of one message of the client. */
  readonly maxMessageBytes: number;
  /** What may wait to be read by the client; beyond it the connection is ended. */
  readonly maxUnreadBytes: number;
  /** The client is pinged this often. One that sends nothing for twice as long is gone. */
  readonly pingEveryMs: number;
  /** For the client's part of the closing. */
  readonly closeMs: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  maxMessageBytes: 64 * 1024,
  maxUnreadBytes: 256 * 1024 * 1024,
  pingEveryMs: 20_000,
  closeMs: 1_000,
};

export interface ServerSocketOptions {
  readonly socket: Socket;
  readonly limits: SocketLimits;
  readonly onText: (text: string) => void;
  /** Told once, when nothing can be sent or come any more. */
  readonly onEnd: () => void;
}

/** One connection. */
export interface ServerSocket {
  /** Takes what comes from now on; `head` has come with the request. */
  start(head: Buffer): void;
  /** Sends `text`; nothing where the connection is closing. */
  send(text: string): void;
  /** Closes the connection, with the reason in ASCII. Twice is harmless. */
  close(code?: number, reason?: string): void;
}

/** Takes over `socket`, whose upgrade was accepted. */
export function openServerSocket({ socket, limits, onText, onEnd }: ServerSocketOptions): ServerSocket {
  const read = createFrameReader(limits.maxMessageBytes);
  let isClosing = false;
  let hasEnded = false;
  let isSilent = false;
  let closeTimer: NodeJS.Timeout | undefined;

  function end(): void {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(pings);
    onEnd();
  }

  function write(bytes: Buffer): void {
    if (isClosing || !socket.writable) return;
    socket.write(bytes);
    if (socket.writableLength > limits.maxUnreadBytes) socket.destroy();
  }

  function close(code: number = CLOSE.normal, reason = ''): void {
    if (isClosing) return;
    write(closeFrame(code, reason));
    isClosing = true;
    socket.end();
    // A client that does not close as well is not waited for.
    closeTimer = setTimeout(() => socket.destroy(), limits.closeMs).unref();
    end();
  }

  function handle(incoming: Incoming): void {
    if (incoming.type === 'text') onText(incoming.text);
    else if (incoming.type === 'ping') write(frame(OPCODE.pong, incoming.payload));
    else if (incoming.type === 'close') close(incoming.code);
    else if (incoming.type === 'broken') close(incoming.code, incoming.reason);
  }

  function receive(bytes: Buffer): void {
    isSilent = false;
    // What comes while it is closing is read, so that the client gets to its end, and forgotten.
    if (isClosing) return;
    for (const incoming of read(bytes)) if (!isClosing) handle(incoming);
  }

  const pings = setInterval(() => {
    if (isSilent) socket.destroy();
    isSilent = true;
    write(frame(OPCODE.ping, Buffer.alloc(0)));
  }, limits.pingEveryMs).unref();

  // The HTTP server's own limits end with the upgrade.
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('end', () => close());
  socket.on('close', () => {
    isClosing = true;
    clearTimeout(closeTimer);
    end();
  });
  return {
    start(head) {
      if (head.length > 0) receive(head);
      socket.on('data', receive);
    },
    send(text) {
      write(frame(OPCODE.text, Buffer.from(text)));
    },
    close,
  };
}
