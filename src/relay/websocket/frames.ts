// Frames of a WebSocket (RFC 6455, 5) as a server reads and writes them: strictly, and within a size. Pure.
import { isUtf8 } from 'node:buffer';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Why a connection is closed (RFC 6455, 7.4.1). */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupported: 1003,
  noStatus: 1005,
  invalidText: 1007,
  policy: 1008,
  tooBig: 1009,
} as const;

/** What a client sent, put together from its frames. */
export type Incoming =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'ping' | 'pong'; readonly payload: Buffer }
  | { readonly type: 'close'; readonly code: number }
  /** It broke the protocol or a limit; nothing after it counts. */
  | { readonly type: 'broken'; readonly code: number; readonly reason: string };

/** Takes bytes as they come; returns what they complete. */
export type FrameReader = (bytes: Buffer) => Incoming[];

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
/** Payload of a frame that controls the connection. */
const CONTROL_BYTES = 125;

/** Creates the reader of one connection, whose messages have at most `maxBytes`. */
export function createFrameReader(maxBytes: number): FrameReader {
  let unread: Buffer = Buffer.alloc(0);
  let parts: Buffer[] | undefined;
  let partBytes = 0;
  let isOver = false;

  function take(): Incoming | 'more' | undefined {
    const head = readHead(unread, maxBytes - partBytes);
    if (head === undefined || 'type' in head) return head;
    const end = head.bytes + head.payloadBytes;
    if (unread.length < end) return undefined;
    const payload = unmask(unread.subarray(head.bytes, end), unread.subarray(head.bytes - 4, head.bytes));
    unread = unread.subarray(end);
    return head.opcode >= OPCODE.close ? control(head.opcode, payload) : data(head, payload);
  }

  function data({ opcode, isFinal }: Head, payload: Buffer): Incoming | 'more' {
    if (opcode === OPCODE.binary) return broken(CLOSE.unsupported, 'binary message');
    if ((opcode === OPCODE.continuation) !== (parts !== undefined)) return broken(CLOSE.protocolError, 'continuation');
    parts ??= [];
    // Empty ones are allowed, and need not be kept.
    if (payload.length > 0) parts.push(payload);
    partBytes += payload.length;
    if (!isFinal) return 'more';
    const whole = Buffer.concat(parts);
    parts = undefined;
    partBytes = 0;
    if (!isUtf8(whole)) return broken(CLOSE.invalidText, 'text that is no UTF-8');
    return { type: 'text', text: whole.toString('utf8') };
  }

  return (bytes) => {
    const complete: Incoming[] = [];
    if (isOver) return complete;
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes]);
    for (;;) {
      const taken = take();
      if (taken === undefined) return complete;
      if (taken === 'more') continue;
      complete.push(taken);
      isOver = taken.type === 'broken' || taken.type === 'close';
      if (isOver) return complete;
    }
  };
}

interface Head {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly bytes: number;
  readonly payloadBytes: number;
}

type Broken = Extract<Incoming, { readonly type: 'broken' }>;

const broken = (code: number, reason: string): Broken => ({ type: 'broken', code, reason });
const KNOWN: ReadonlySet<number> = new Set(Object.values(OPCODE));

// What is wrong shows in the first bytes: nothing of a payload that is refused is waited for.
function readHead(bytes: Buffer, maxBytes: number): Head | Broken | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  const isFinal = (first & FINAL) !== 0;
  const isControl = opcode >= OPCODE.close;
  const short = second & 0x7f;
  if ((first & RESERVED) !== 0 || !KNOWN.has(opcode)) return broken(CLOSE.protocolError, 'unknown frame');
  if ((second & MASKED) === 0) return broken(CLOSE.protocolError, 'frame without a mask');
  if (isControl && (!isFinal || short > CONTROL_BYTES)) return broken(CLOSE.protocolError, 'control frame');
  const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
  if (bytes.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : bytes.readBigUInt64BE(2);
  if (lengthBytes > 0 && length < (lengthBytes === 2 ? 126 : 65_536)) {
    return broken(CLOSE.protocolError, 'length that is written too long');
  }
  if (!isControl && length > maxBytes) return broken(CLOSE.tooBig, 'message too big');
  const headBytes = 2 + lengthBytes + 4;
  if (bytes.length < headBytes) return undefined;
  return { opcode, isFinal, bytes: headBytes, payloadBytes: Number(length) };
}

// Into memory of its own: what was received is read on from there.
function unmask(payload: Buffer, mask: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index++) {
    plain[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return plain;
}

function control(opcode: number, payload: Buffer): Incoming {
  if (opcode === OPCODE.ping) return { type: 'ping', payload };
  if (opcode === OPCODE.pong) return { type: 'pong', payload };
  if (payload.length === 0) return { type: 'close', code: CLOSE.noStatus };
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  if (!isCloseCode(code)) return broken(CLOSE.protocolError, 'close code');
  if (!isUtf8(payload.subarray(2))) return broken(CLOSE.invalidText, 'reason that is no UTF-8');
  return { type: 'close', code };
}

// 1004 to 1006 and 1015 are never sent; the others below 3000 belong to the protocol.
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/** A whole frame of a server, which is not masked. */
export function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = FINAL | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The frame that closes a connection; `code` may be the one that says that there is none. */
export function closeFrame(code: number, reason = ''): Buffer {
  if (code === CLOSE.noStatus) return frame(OPCODE.close, Buffer.alloc(0));
  const status = Buffer.alloc(2);
  status.writeUInt16BE(code);
  // Of ASCII text, one byte is one character.
  return frame(OPCODE.close, Buffer.concat([status, Buffer.from(reason).subarray(0, CONTROL_BYTES - 2)]));
}
