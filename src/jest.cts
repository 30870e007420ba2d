// Jest: `reporters: ['default', 'loopsight/jest']` begins and ends the run, `setupFilesAfterEnv: ['loopsight/jest']` watches
// each file's tests.
import { observeJest } from './test-runs/jest-hooks.js';
import { beginRun } from './test-runs/run-end.js';
import { readTestRunSettings } from './test-runs/settings.js';

/** What Jest calls when every test has run: the slowest tests are told, and why. */
interface Reporter {
  onRunComplete(): void;
}

/**
 * Jest makes its reporter of what this module is, and calls it where it is a setup file: for that it has nothing to do.
 * Throws a TypeError that quotes name, bound and value of a bad variable.
 */
function LoopsightReporter(): Reporter | undefined {
  return new.target === undefined ? undefined : { onRunComplete: beginRun(readTestRunSettings(process.env)) };
}

observeJest();

export = LoopsightReporter;
