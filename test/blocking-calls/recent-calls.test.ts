// Which call took most of a stall, and how the observer gets to know of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCallNote, writeCallNote } from '../../src/stalls/loop/call-note.js';
import type { RawFrame } from '../../src/stalls/loop/raw-frame.js';
import { createRecentCalls, type SeenCall } from '../../src/stalls/loop/recent-calls.js';
import { NOTE_BYTES } from '../../src/stalls/loop/shared-note.js';

const frame = (name: string): RawFrame => [name, '/app/a.js', 1, 2, false];
const call = (label: string, fromMs: number, toMs: number): SeenCall => ({ label, fromMs, toMs, frames: [frame('f')] });

const CASES: readonly (readonly [string, readonly SeenCall[], string | undefined])[] = [
  ['none', [], undefined],
  ['all of it', [call('fs.readSync', 1000, 1200)], 'fs.readSync'],
  ['half of it', [call('fs.readSync', 1050, 1150)], 'fs.readSync'],
  ['less', [call('fs.readSync', 1050, 1149)], undefined],
  ['before and after it', [call('fs.readSync', 0, 1000), call('fs.readSync', 1200, 9000)], undefined],
  ['reaching beyond both ends', [call('fs.readSync', 900, 1300)], 'fs.readSync'],
  ['the longest of several', [call('fs.a', 1000, 1010), call('fs.b', 1010, 1150), call('fs.c', 1150, 1200)], 'fs.b'],
  ['one too long ago', [call('fs.a', 1000, 1200), ...Array(8).fill(call('fs.b', 2000, 2010))], undefined],
];

for (const [name, calls, expected] of CASES) {
  test(`the call that took most of a stall: ${name}`, () => {
    const recent = createRecentCalls();
    for (const one of calls) recent.add(one);
    assert.equal(recent.mostOf(1000, 1200)?.label, expected);
  });
}

test('a note is read as a capture of its stall only, the call being the innermost frame', () => {
  const memory = Buffer.from(new SharedArrayBuffer(NOTE_BYTES));
  assert.equal(readCallNote(memory, 1000), undefined);
  writeCallNote(memory, 1000.0625, call('crypto.Hash.update', 1010, 1110));
  assert.equal(readCallNote(memory, 1000), undefined);
  assert.deepEqual(readCallNote(memory, 1000.0625)?.capture, {
    atMs: 1060,
    frames: [['update', 'node:crypto', 0, 0, false], frame('f')],
    asyncId: 0,
  });
  writeCallNote(memory, 2000, call('fs.statSync', 2000, 2100));
  assert.equal(readCallNote(memory, 1000.0625), undefined);
  assert.equal(readCallNote(memory, 2000)?.capture.frames[0]?.[0], 'statSync');
});

for (const [label, file] of [
  ['fs.statSync', 'node:fs'],
  ['process.stdout.write', 'node:process'],
  ['JSON.parse', 'native'],
  ['Atomics.wait', 'native'],
  ['better-sqlite3.Statement.all', 'native'],
] as const) {
  test(`a note of ${label} says that it is of ${file}`, () => {
    const memory = Buffer.from(new SharedArrayBuffer(NOTE_BYTES));
    writeCallNote(memory, 1, call(label, 1, 2));
    const [name, itsFile] = readCallNote(memory, 1)?.capture.frames[0] ?? [];
    assert.deepEqual([name, itsFile], [label.split('.').at(-1), file]);
  });
}

test('a note of a deep stack with long names has the innermost frames', () => {
  const memory = Buffer.from(new SharedArrayBuffer(NOTE_BYTES));
  const frames = Array.from({ length: 60 }, (_, depth) => frame(`${'ü'.repeat(150)}${depth}`));
  writeCallNote(memory, 1, { ...call('fs.statSync', 1, 2), frames });
  const read = readCallNote(memory, 1)?.capture.frames ?? [];
  assert.ok(read.length > 5, `${read.length} frames`);
  assert.deepEqual(read.slice(1), frames.slice(0, read.length - 1));
});

test('what is being written is no note', () => {
  const memory = Buffer.from(new SharedArrayBuffer(NOTE_BYTES));
  writeCallNote(memory, 1, call('fs.statSync', 1, 2));
  memory.fill(0x7b, 10, 20);
  assert.equal(readCallNote(memory, 1), undefined);
});
