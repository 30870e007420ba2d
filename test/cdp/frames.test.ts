import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrameReader, type Frame, maskedFrame, OPCODE } from '../../src/cdp/frames.js';

/** A frame as servers send it: not masked. */
function frame(text: string, { isFinal = true, opcode = OPCODE.text as number } = {}): Buffer {
  const payload = Buffer.from(text);
  const first = (isFinal ? 0x80 : 0) | opcode;
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload]);
  const head = Buffer.alloc(payload.length < 65_536 ? 4 : 10);
  head[0] = first;
  if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

const TEXTS = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536), 'last'];
const textsOf = (frames: readonly Frame[]) => frames.map(({ payload }) => payload.toString());

for (const size of [1, 7, 1000, 1_000_000]) {
  test(`frames are put together from pieces of ${size} bytes`, () => {
    const all = Buffer.concat(TEXTS.map((text) => frame(text)));
    const read = createFrameReader(1_000_000);
    const seen: Frame[] = [];
    for (let at = 0; at < all.length; at += size) seen.push(...read(all.subarray(at, at + size)));
    assert.deepEqual(textsOf(seen), TEXTS);
  });
}

test('what is written masked is read as it was', () => {
  for (const text of TEXTS) {
    const [seen] = createFrameReader(1_000_000)(maskedFrame(OPCODE.text, Buffer.from(text)));
    assert.deepEqual([seen?.opcode, seen?.isFinal, seen?.payload.toString()], [OPCODE.text, true, text]);
  }
});

test('a frame that is not the last one says so', () => {
  const [seen] = createFrameReader(100)(frame('part', { isFinal: false }));
  assert.equal(seen?.isFinal, false);
});

test('a frame that is larger than allowed throws before it is there', () => {
  assert.throws(() => createFrameReader(100)(frame('x'.repeat(200)).subarray(0, 10)), RangeError);
});
