// Watches the tests of one file that Vitest runs.
import { leaveRecords } from './records-folder.js';
import { readTestRunSettings } from './settings.js';
import { RECORDS_VARIABLE } from './test-record.js';
import { type RunningTest, type TestWatch, watchTests } from './watch-tests.js';

interface Task {
  readonly name: string;
  readonly suite?: Task;
  readonly file?: { readonly filepath?: string };
}

interface Vitest {
  beforeAll(hook: () => Promise<void>): void;
  afterAll(hook: () => Promise<void>): void;
  beforeEach(hook: (context: { readonly task: Task }) => void): void;
  afterEach(hook: (context: { readonly task: Task }) => void): void;
}

/** Registers hooks with the Vitest that loads this. Throws a TypeError for a bad variable. */
export async function observeVitest(): Promise<void> {
  // Found where the application has it; the package does not depend on it.
  const vitest = 'vitest';
  const { beforeAll, afterAll, beforeEach, afterEach } = (await import(vitest)) as Vitest;
  const settings = readTestRunSettings(process.env);
  let watch: TestWatch | undefined;
  const running = new Map<Task, RunningTest>();
  // Of a file whose tests are all skipped Vitest runs no hook, so that nothing would end what began before.
  beforeAll(() => {
    watch = watchTests(settings);
    return watch.ready();
  });
  beforeEach(({ task }) => {
    const test = watch?.begin(namesOf(task).join(' › '), task.file?.filepath ?? '');
    if (test !== undefined) running.set(task, test);
  });
  afterEach(({ task }) => {
    running.get(task)?.end();
    running.delete(task);
  });
  afterAll(async () => {
    await watch?.settled();
    const folder = process.env[RECORDS_VARIABLE];
    if (folder !== undefined) leaveRecords(folder, watch?.records() ?? []);
    // The next file of tests may run in the same process.
    await watch?.stop();
  });
}

function namesOf(task: Task): string[] {
  return [...(task.suite === undefined ? [] : namesOf(task.suite)), task.name].filter((name) => name !== '');
}
