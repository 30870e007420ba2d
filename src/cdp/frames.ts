// Frames of a WebSocket (RFC 6455), as a client writes and reads them: no extensions, text alone.
import { randomBytes } from 'node:crypto';

/** What a frame is, by its opcode. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame that was read. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;
const SHORT = 126;
const LONG = 127;

/** A frame as clients send it: masked. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const head = headOf(opcode, payload.length);
  const masked = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index++) {
    masked[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return Buffer.concat([head, mask, masked]);
}

function headOf(opcode: number, length: number): Buffer {
  if (length < SHORT) return Buffer.from([FINAL | opcode, MASKED | length]);
  if (length < 0x10000) return Buffer.from([FINAL | opcode, MASKED | SHORT, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = FINAL | opcode;
  head[1] = MASKED | LONG;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Puts frames together from what arrives; throws a RangeError for one that is larger than `limitBytes`. */
export function createFrameReader(limitBytes: number): (chunk: Buffer) => Frame[] {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 2;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    const frames: Frame[] = [];
    // Profiles have many megabytes: their chunks are joined once, when all are there.
    while (size >= needed) {
      const data = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks);
      const { head, length } = sizesOf(data);
      if (length > limitBytes) throw new RangeError(`A message has more than ${limitBytes} bytes`);
      needed = head + length;
      if (data.length < needed) {
        chunks = [data];
        break;
      }
      frames.push(frameOf(data, head, length));
      const rest = data.subarray(needed);
      chunks = rest.length === 0 ? [] : [rest];
      size = rest.length;
      needed = 2;
    }
    return frames;
  };
}

// Of a head that is not complete yet, the length is 0 and the head longer than what is there.
function sizesOf(data: Buffer): { readonly head: number; readonly length: number } {
  const short = (data[1] ?? 0) & 0x7f;
  const mask = ((data[1] ?? 0) & MASKED) === 0 ? 0 : 4;
  const head = (short === SHORT ? 4 : short === LONG ? 10 : 2) + mask;
  if (data.length < head) return { head, length: 0 };
  if (short < SHORT) return { head, length: short };
  return { head, length: short === SHORT ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2)) };
}

function frameOf(data: Buffer, head: number, length: number): Frame {
  const first = data[0] ?? 0;
  const payload = data.subarray(head, head + length);
  if (((data[1] ?? 0) & MASKED) === 0) return { opcode: first & 0x0f, isFinal: (first & FINAL) !== 0, payload };
  const mask = data.subarray(head - 4, head);
  return {
    opcode: first & 0x0f,
    isFinal: (first & FINAL) !== 0,
    payload: Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))),
  };
}
