// Tests of node:test. Each file of tests runs in a process of its own, which loads this as well; the one that started them
// tells the end.
import { isMainThread } from 'node:worker_threads';
import { explainTest } from './explain.js';
import { fullNameOf, type NodeTestContext } from './node-test-context.js';
import { leaveRecords } from './records-folder.js';
import { beginRun } from './run-end.js';
import { readTestRunSettings, type TestRunSettings } from './settings.js';
import { RECORDS_VARIABLE } from './test-record.js';
import { type RunningTest, watchTests } from './watch-tests.js';

/** The process that began the run: only its children run tests of it, and not what tests start. */
const RUNNER_VARIABLE = 'LOOPSIGHT_TEST_RUNNER';
const NOBODY = 'nobody';

interface NodeTest {
  before(hook: () => Promise<void>): void;
  after(hook: () => Promise<void>): void;
  beforeEach(hook: (context: NodeTestContext) => void): void;
  afterEach(hook: (context: NodeTestContext) => void): void;
}

const settings = readTestRunSettings(process.env);
const isRunner = process.execArgv.includes('--test');
const isIsolated = !/(?:^| )--(?:experimental-)?test-isolation[= ]none(?: |$)/.test(process.execArgv.join(' '));
const runner = process.env[RUNNER_VARIABLE];
// From Node 22 on `--import` is not loaded into the process that starts the files of tests, `--require` is: without it each
// file is a run of its own.
const isPart = runner === undefined && process.env.NODE_TEST_CONTEXT !== undefined;
const isOnItsOwn = isRunner || runner === undefined;

// Workers of the tests load this as well; asking for the hooks of node:test would begin a run in each of them.
if (isMainThread) takePart();

function takePart(): void {
  if (isOnItsOwn) process.on('exit', beginRun(settings, isPart));
  if (isRunner && isIsolated) process.env[RUNNER_VARIABLE] = String(process.pid);
  else {
    // What the tests start is no part of the run.
    process.env[RUNNER_VARIABLE] = NOBODY;
    if (isOnItsOwn || runner === String(process.ppid)) observeTests(settings);
  }
}

function observeTests(settings: TestRunSettings): void {
  const { before, after, beforeEach, afterEach } = process.getBuiltinModule('node:test') as unknown as NodeTest;
  const watch = watchTests(settings);
  const running = new Map<NodeTestContext, RunningTest>();
  let isLeft = false;

  function leave(): void {
    const folder = process.env[RECORDS_VARIABLE];
    if (isLeft || folder === undefined) return;
    isLeft = true;
    leaveRecords(folder, watch.records());
  }

  before(() => watch.ready());
  beforeEach((context) => {
    running.set(context, watch.begin(fullNameOf(context), context.filePath ?? process.argv[1] ?? ''));
  });
  afterEach((context) => {
    const record = running.get(context)?.end();
    running.delete(context);
    if (record !== undefined && record.durationMs >= settings.slowMs) context.diagnostic(explainTest(record));
  });
  // Waiting within a test would make it longer.
  after(() => watch.settled());
  // Before the listener of whoever ends the run, where that is this process.
  process.prependListener('exit', leave);
}
