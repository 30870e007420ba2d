// What the processes of a run leave is all there at its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveRecords, makeRecordsFolder, takeRecords } from '../../src/test-runs/records-folder.js';
import type { TestRecord } from '../../src/test-runs/test-record.js';

const record = (name: string): TestRecord => ({
  name,
  file: 'a.test.ts',
  durationMs: 1,
  blockedMs: 0,
  spunMs: 1,
  waitedMs: 0,
  stalls: [],
  waitedFor: [],
  others: 0,
});

test('records of files of tests that stopped the clock at the same time are all kept', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  const folder = makeRecordsFolder();
  leaveRecords(folder, [record('one')]);
  // Jest gives each file of tests modules of its own.
  const again: typeof import('../../src/test-runs/records-folder.js') = await import(
    new URL('../../src/test-runs/records-folder.ts?again', import.meta.url).href
  );
  again.leaveRecords(folder, [record('other')]);
  leaveRecords(folder, []);
  assert.deepEqual(
    takeRecords(folder)
      .map(({ name }) => name)
      .sort(),
    ['one', 'other'],
  );
  assert.doesNotThrow(() => leaveRecords(folder, [record('late')]), 'the run has ended');
});
