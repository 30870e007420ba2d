// Where the processes of one run of tests leave what their tests came to, for the one that ends the run.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { TestRecord } from './test-record.js';

/** Makes the folder of a run. */
export function makeRecordsFolder(): string {
  return mkdtempSync(join(tmpdir(), 'loopsight-tests-'));
}

let written = 0;

/** Leaves records in `folder`; several files of tests in one process write several times. */
export function leaveRecords(folder: string, records: readonly TestRecord[]): void {
  if (records.length === 0) return;
  const name = `${process.pid}-${threadId}-${Date.now()}-${written++}.json`;
  writeFileSync(join(folder, name), JSON.stringify(records));
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
