// Frames of WebSockets as clients may send them, and as hostile ones do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { closeFrame, createFrameReader, frame, type Incoming, OPCODE } from '../../src/relay/websocket/frames.js';
import { clientFrame } from './relayed.js';

const FINAL = 0x80;
const text = (part: string | Buffer, isFinal = true, opcode: number = OPCODE.text) =>
  clientFrame((isFinal ? FINAL : 0) | opcode, part);
const control = (opcode: number, payload: Buffer | string = '') => clientFrame(FINAL | opcode, payload);
const close = (code: number, reason: Buffer | string = '') => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return control(OPCODE.close, Buffer.concat([head, Buffer.from(reason)]));
};

const MAX_BYTES = 100_000;
const short = (incoming: Incoming): string => {
  if (incoming.type === 'text') return incoming.text.slice(0, 20);
  if (incoming.type === 'close' || incoming.type === 'broken') return `${incoming.type} ${incoming.code}`;
  return `${incoming.type} ${incoming.payload}`;
};

const CASES: Readonly<Record<string, readonly [bytes: readonly Buffer[], expected: readonly string[]]>> = {
  'a message': [[text('one')], ['one']],
  'an empty one': [[text('')], ['']],
  'one of each form of length': [
    [text('a'.repeat(125)), text('b'.repeat(126)), text('c'.repeat(65_536))],
    ['a'.repeat(20), 'b'.repeat(20), 'c'.repeat(20)],
  ],
  'one in parts, with a ping between': [
    [text('on', false), control(OPCODE.ping, 'p'), text('', false, 0), text('e', true, 0)],
    ['ping p', 'one'],
  ],
  'a character in two parts': [[text(Buffer.from([0xc3]), false), text(Buffer.from([0xa4]), true, 0)], ['ä']],
  'a pong': [[control(OPCODE.pong, 'x')], ['pong x']],
  'a farewell': [[close(1000), text('late')], ['close 1000']],
  'a farewell without a word': [[control(OPCODE.close)], ['close 1005']],
  'a farewell of half a code': [[control(OPCODE.close, 'x')], ['broken 1002']],
  'a farewell with a code that is never sent': [[close(1006)], ['broken 1002']],
  'a farewell whose reason is no text': [[close(1000, Buffer.from([0xff]))], ['broken 1007']],
  'no mask': [[clientFrame(FINAL | OPCODE.text, 'one', false)], ['broken 1002']],
  'bits that nobody agreed on': [[clientFrame(FINAL | 0x40 | OPCODE.text, 'one')], ['broken 1002']],
  'an unknown opcode': [[clientFrame(FINAL | 3, 'one')], ['broken 1002']],
  'a binary message': [[clientFrame(FINAL | OPCODE.binary, 'one')], ['broken 1003']],
  'a continuation of nothing': [[text('one', true, 0)], ['broken 1002']],
  'a message within a message': [[text('on', false), text('e')], ['broken 1002']],
  'a ping in parts': [[clientFrame(OPCODE.ping, 'x')], ['broken 1002']],
  'a long ping': [[control(OPCODE.ping, 'x'.repeat(126))], ['broken 1002']],
  'text that is no UTF-8': [[text(Buffer.from([0xff, 0xfe]))], ['broken 1007']],
  'a message that is too big': [[text('x'.repeat(MAX_BYTES + 1))], ['broken 1009']],
  'one that is too big in its parts': [[text('x'.repeat(MAX_BYTES), false), text('x', true, 0)], ['broken 1009']],
  // Its payload is not waited for.
  'the head of one of 2^63 bytes': [
    [Buffer.from([FINAL | OPCODE.text, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
    ['broken 1009'],
  ],
  'a short length that is written long': [[Buffer.from([FINAL | OPCODE.text, 0xfe, 0, 5])], ['broken 1002']],
};

describe('a reader of frames', () => {
  for (const [title, [chunks, expected]] of Object.entries(CASES)) {
    const bytes = Buffer.concat(chunks);
    test(`takes ${title}`, () => {
      assert.deepEqual(createFrameReader(MAX_BYTES)(bytes).map(short), expected);
    });
    // Every byte on its own shows that nothing depends on how it arrives.
    if (bytes.length > 1000) continue;
    test(`takes ${title}, byte by byte`, () => {
      const read = createFrameReader(MAX_BYTES);
      const seen = [...bytes].flatMap((byte) => read(Buffer.from([byte])));
      assert.deepEqual(seen.map(short), expected);
    });
  }
});

test('frames of a server have no mask, and the shortest length', () => {
  assert.deepEqual([...frame(OPCODE.text, Buffer.from('hi'))], [0x81, 2, 104, 105]);
  assert.deepEqual([...frame(OPCODE.text, Buffer.alloc(126)).subarray(0, 4)], [0x81, 126, 0, 126]);
  assert.deepEqual([...frame(OPCODE.text, Buffer.alloc(65_536)).subarray(0, 10)], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual([...closeFrame(1008, 'no')], [0x88, 4, 3, 240, 110, 111]);
  assert.deepEqual([...closeFrame(1005)], [0x88, 0]);
});
