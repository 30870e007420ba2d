// Vitest: `globalSetup: 'loopsight/vitest'` begins and ends the run, `setupFiles: 'loopsight/vitest'` watches each file's tests.
import { beginRun } from './test-runs/run-end.js';
import { readTestRunSettings } from './test-runs/settings.js';
import { observeVitest } from './test-runs/vitest-hooks.js';

/**
 * Called by Vitest before a run, and what it returns after it: the slowest tests are told, and why.
 * Throws a TypeError that quotes name, bound and value of a bad variable.
 *
 * @example
 * const teardown = setup();
 * teardown();
 */
export function setup(): () => void {
  return beginRun(readTestRunSettings(process.env));
}

// In the processes and threads that run tests, Vitest keeps its state there.
if ('__vitest_worker__' in globalThis) await observeVitest();
