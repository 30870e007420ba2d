// Where the processes of one run of tests leave what their tests came to, for the one that ends the run.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { TestRecord } from './test-record.js';

/** Makes the folder of a run. */
export function makeRecordsFolder(): string {
  return mkdtempSync(join(tmpdir(), 'loopsight-tests-'));
}

/** Leaves records in `folder`; several files of tests in one process write several times. Never throws. */
export function leaveRecords(folder: string, records: readonly TestRecord[]): void {
  if (records.length === 0) return;
  // Files of tests in one process may each stop the clock at the same time.
  const name = `${process.pid}-${threadId}-${Date.now()}-${randomUUID()}.json`;
  try {
    writeFileSync(join(folder, name), JSON.stringify(records));
  } catch {
    // The run has ended, or there is no room: the tests themselves are told by their runner.
  }
}

/** Reads what was left in `folder` and removes it. A file that is not whole, of a process that was killed, is left out. */
export function takeRecords(folder: string): TestRecord[] {
  const records = readdirSync(folder)
    .sort()
    .flatMap((name) => {
      try {
        return JSON.parse(readFileSync(join(folder, name), 'utf8')) as TestRecord[];
      } catch {
        return [];
      }
    });
  rmSync(folder, { recursive: true, force: true });
  return records;
}
