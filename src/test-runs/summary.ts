// The end of a run of tests: the slowest ones, and why. Pure.
import { bounded } from '../stalls/blame/code-names.js';
import { formatMs } from '../stalls/tell/stall-sentence.js';
import { explainTest } from './explain.js';
import type { TestRecord } from './test-record.js';

const SHOWN = 10;

/** The summary as text that ends with a line break; empty where no test was recorded. */
export function renderSummary(records: readonly TestRecord[], slowMs: number): string {
  if (records.length === 0) return '';
  const slow = records
    .filter(({ durationMs }) => durationMs >= slowMs)
    .sort((one, other) => other.durationMs - one.durationMs);
  const tests = `${records.length} ${records.length === 1 ? 'test' : 'tests'}`;
  if (slow.length === 0) return `loopsight: none of ${tests} took ${formatMs(slowMs)} or longer\n`;
  const lines = slow.slice(0, SHOWN).map((record) => {
    const { name, file, durationMs } = record;
    return `${formatMs(durationMs).padStart(8)}  ${bounded(name)} (${bounded(file)})\n          ${explainTest(record)}`;
  });
  const more = slow.length - lines.length;
  const rest = more > 0 ? [`          and ${more} more of ${formatMs(slowMs)} or longer`] : [];
  return `${['loopsight: the slowest tests, and why', ...lines, ...rest].join('\n')}\n`;
}
