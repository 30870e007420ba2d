// What threads leave in the folder becomes one recording, for as long as there is room.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { collectWindows } from '../../src/record/collected-windows.js';
import { createWindowWriter } from '../../src/record/window-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-windows-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const THREAD = { pid: 4711, parent: 1, threadId: 0, thread: 'main', nodeVersion: 'v24.0.0', title: 'shop.js' };
const frame = { functionName: 'sell', scriptId: '1', url: 'file:///shop.js', lineNumber: 0, columnNumber: 0 };
const windowFrom = (startTime: number) => ({
  nodes: [{ id: 1, callFrame: frame, hitCount: 3 }],
  startTime,
  endTime: startTime + 300,
  samples: [1, 1, 1],
  timeDeltas: [100, 100, 100],
});

test('windows that do not fit are thrown away, and a note says so', () => {
  const write = createWindowWriter({ folder, parent: process.pid }, THREAD);
  const collected = collectWindows(folder, 6);
  for (const startUs of [1000, 1300]) {
    assert.equal(collected.isFull(), false);
    assert.equal(write(windowFrom(startUs), 'running'), true);
    collected.take();
  }
  assert.equal(collected.isFull(), true);
  write(windowFrom(1600), 'finished');
  collected.take();
  const recording = collected.recording(100) ?? assert.fail();
  assert.equal(recording.threads[0]?.profile.samples?.length, 6);
  assert.match(
    recording.notes.join('\n'),
    /^What followed after 6 samples is missing: --sample-interval 10ms has room/,
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('what is no window is passed over', () => {
  writeFileSync(join(folder, '1-0-0.json'), '{');
  const collected = collectWindows(folder);
  collected.take();
  assert.equal(collected.recording(100), undefined);
  assert.deepEqual(readdirSync(folder), []);
});
