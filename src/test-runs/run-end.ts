// Ends a run of tests: gathers what its processes left, and tells the slowest tests.
import { appendFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeRecordsFolder, takeRecords } from './records-folder.js';
import type { TestRunSettings } from './settings.js';
import { renderSummary } from './summary.js';
import { RECORDS_VARIABLE } from './test-record.js';

const STANDARD_ERROR = 2;

/**
 * Has the processes of this run leave their records; the returned function ends the run, once. `isPart` is one file of tests
 * of a larger run, which says nothing where nothing was slow.
 */
export function beginRun({ slowMs, reportFile }: TestRunSettings, isPart = false): () => void {
  let folder: string;
  try {
    folder = makeRecordsFolder();
  } catch (error) {
    return () => warn(error);
  }
  process.env[RECORDS_VARIABLE] = folder;
  // Tests may leave the working directory.
  const report = reportFile === undefined ? undefined : resolve(reportFile);
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    try {
      const records = takeRecords(folder);
      const isWorthIt = !isPart || records.some(({ durationMs }) => durationMs >= slowMs);
      if (isWorthIt) writeSync(STANDARD_ERROR, renderSummary(records, slowMs));
      const lines = records.map((record) => `${JSON.stringify(record)}\n`);
      if (report !== undefined) appendFileSync(report, lines.join(''));
    } catch (error) {
      warn(error);
    }
  };
}

// The outcome of the tests is not ours to change, and a warning of Node would come too late for a process that exits.
function warn(error: unknown): void {
  try {
    writeSync(STANDARD_ERROR, `loopsight: the tests could not be told of (${String(error)})\n`);
  } catch {
    // Nobody reads it.
  }
}
