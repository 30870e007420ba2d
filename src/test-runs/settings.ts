// The variables of a run of tests.
import { numberBetween, text } from '../option-values.js';
import { LONGEST_STALL_MS } from '../options.js';

/** How a run of tests is watched and told of; times in milliseconds. */
export interface TestRunSettings {
  /** Tests from this length on are explained. */
  readonly slowMs: number;
  /** The stacks of all threads are written when a test takes longer than this; 0 is never. */
  readonly dumpAfterMs: number;
  /** File that a line of JSON is appended to for each test. */
  readonly reportFile: string | undefined;
}

const DEFAULT_SLOW_MS = 100;
const DEFAULT_DUMP_AFTER_MS = 4000;

const length = numberBetween(0, LONGEST_STALL_MS, { integer: false });

/** Reads them; throws a TypeError that quotes name, bound and value of a bad one. */
export function readTestRunSettings(environment: Readonly<Record<string, string | undefined>>): TestRunSettings {
  const read = <T>(variable: string, parse: (given: string, name: string) => T): T | undefined => {
    const given = environment[variable];
    return given === undefined || given.trim() === '' ? undefined : parse(given, variable);
  };
  return {
    slowMs: read('LOOPSIGHT_TEST_SLOW_MS', length.parse) ?? DEFAULT_SLOW_MS,
    dumpAfterMs: read('LOOPSIGHT_TEST_DUMP_AFTER_MS', length.parse) ?? DEFAULT_DUMP_AFTER_MS,
    reportFile: read('LOOPSIGHT_TEST_REPORT', text.parse),
  };
}
