// Watches the tests of one file that Jest runs.
import { leaveRecords } from './records-folder.js';
import { readTestRunSettings } from './settings.js';
import { RECORDS_VARIABLE } from './test-record.js';
import { type RunningTest, type TestWatch, watchTests } from './watch-tests.js';

/** What Jest puts among the globals of a file of tests. */
interface JestGlobals {
  readonly expect?: { getState?(): { readonly currentTestName?: string; readonly testPath?: string } };
  beforeAll?(hook: () => Promise<void>): void;
  afterAll?(hook: () => Promise<void>): void;
  beforeEach?(hook: () => void): void;
  afterEach?(hook: () => void): void;
}

/** Registers hooks, where this is loaded beside a file of tests. Throws a TypeError for a bad variable. */
export function observeJest(): void {
  const { expect, beforeAll, afterAll, beforeEach, afterEach } = globalThis as JestGlobals;
  if (expect?.getState === undefined || beforeEach === undefined || afterEach === undefined) return;
  const settings = readTestRunSettings(process.env);
  let watch: TestWatch | undefined;
  let running: RunningTest | undefined;
  // Of a file whose tests are all skipped Jest runs no hook, so that nothing would end what began before.
  beforeAll?.(() => {
    watch = watchTests(settings);
    return watch.ready();
  });
  beforeEach(() => {
    const { currentTestName = '', testPath = '' } = expect.getState?.() ?? {};
    running = watch?.begin(currentTestName, testPath);
  });
  afterEach(() => {
    running?.end();
    running = undefined;
  });
  afterAll?.(async () => {
    await watch?.settled();
    const folder = process.env[RECORDS_VARIABLE];
    if (folder !== undefined) leaveRecords(folder, watch?.records() ?? []);
    await watch?.stop();
  });
}
