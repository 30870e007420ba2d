// What one test came to, and where runs of tests leave that.
import type { StallReport } from '../stalls/blame/stall-report.js';

/** The code that held the loop while a test ran. */
export type TestStall = Pick<StallReport, 'durationMs' | 'cause' | 'confidence' | 'culprit' | 'leaf'>;

/** One test; times in milliseconds. `blockedMs + spunMs + waitedMs` is `durationMs`. */
export interface TestRecord {
  /** The names of the test and of the suites that it is in. */
  readonly name: string;
  /** Relative to the working directory. */
  readonly file: string;
  readonly durationMs: number;
  /** The loop was held in one stretch for longer than the threshold. */
  readonly blockedMs: number;
  /** The loop was busy in shorter stretches. */
  readonly spunMs: number;
  /** The loop had nothing to do. */
  readonly waitedMs: number;
  /** The thread was ready to run and got no processor; within the three above. Undefined where the system does not tell. */
  readonly withoutProcessorMs?: number;
  /** What held the loop, the longest first. */
  readonly stalls: readonly TestStall[];
  /** What the loop waited for, as `process.getActiveResourcesInfo()` names it, the most frequent first. */
  readonly waitedFor: readonly string[];
  /** How many other tests of the same process ran meanwhile: what is told of the loop is theirs, too. */
  readonly others: number;
}

/** The variable that tells the processes of a run where to leave their records. */
export const RECORDS_VARIABLE = 'LOOPSIGHT_TEST_RECORDS';
