// What members of a group send each other: a text of JSON and numbers as they are in memory, with their lengths before.

/** The first four bytes of each frame; the last of them is the version. */
const MAGIC = 0x4c_53_47_01;
const HEAD_BYTES = 12;
const BYTES_PER_VALUE = Float64Array.BYTES_PER_ELEMENT;

/** Descriptions of some 50,000 series. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** Some 50,000 histograms. */
export const MAX_VALUES = 1024 * 1024;

/** One message and its numbers. */
export interface Frame {
  readonly message: unknown;
  readonly values: Float64Array;
}

/** Encodes a frame. Throws a RangeError where it is larger than a reader takes. */
export function encodeFrame(message: object, values: readonly Float64Array[] = []): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  const count = values.reduce((sum, { length }) => sum + length, 0);
  if (text.length > MAX_TEXT_BYTES || count > MAX_VALUES)
    throw new RangeError('the figures of this process are too many');
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeUInt32BE(count, 8);
  const numbers = values.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  return Buffer.concat([head, text, ...numbers]);
}

/**
 * Creates the function that takes what arrives, in pieces of any size, and tells of each whole frame.
 * Throws an Error where it is none; nothing can be read after that.
 */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = HEAD_BYTES;
  return (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= needed) {
      // In one piece only now: joining at each chunk would copy a large frame a hundred times.
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      const size = sizeOf(all);
      if (held < size) {
        chunks = [all];
        needed = size;
        return;
      }
      const rest = all.subarray(size);
      chunks = rest.length === 0 ? [] : [rest];
      held = rest.length;
      needed = HEAD_BYTES;
      onFrame(decode(all.subarray(0, size)));
    }
  };
}

function sizeOf(head: Buffer): number {
  const textBytes = head.readUInt32BE(4);
  const count = head.readUInt32BE(8);
  if (head.readUInt32BE(0) !== MAGIC) throw new Error('what a member sent is no frame of this version');
  if (textBytes > MAX_TEXT_BYTES || count > MAX_VALUES) throw new Error('what a member sent is too large');
  return HEAD_BYTES + textBytes + count * BYTES_PER_VALUE;
}

function decode(frame: Buffer): Frame {
  const numbersAt = HEAD_BYTES + frame.readUInt32BE(4);
  const message: unknown = JSON.parse(frame.toString('utf8', HEAD_BYTES, numbersAt));
  // Copied, because numbers have to begin at a multiple of their size, and so that the text is not kept.
  const bytes = Uint8Array.prototype.slice.call(frame, numbersAt);
  return { message, values: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / BYTES_PER_VALUE) };
}
