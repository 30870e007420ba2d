// Real stalls in calls that cannot be interrupted: the function that made them is named, not the one after it.
// Every program is blocked again and again until it was seen, so that a busy machine only makes it slower.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { registerCjs, root } from '../support/instrumented.js';

const PROGRAM = join(root, 'test/fixtures/blocking-calls.mjs');

/** Starts the program and gives the first report of a stall on `thread` that `isMeant` takes. */
async function firstReport(
  args: readonly string[],
  isMeant: (report: StallReport) => boolean,
  nodeArguments: readonly string[] = [],
): Promise<StallReport> {
  const child = spawn(process.execPath, [...nodeArguments, PROGRAM, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const report = JSON.parse(line) as StallReport;
      if (isMeant(report)) return report;
    }
    throw new Error('the program ended');
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** What the program itself is blamed for; the start of a thread is another matter. */
const FILE = 'test/fixtures/blocking-calls.mjs';
const isOf = (name: string) => (report: StallReport) => report.thread === name && report.culprit?.file === FILE;

const CALLS = [
  ['parse', 'native', 'parse'],
  ['parseThrows', 'native', 'parse'],
  ['structuredClone', 'native', 'structuredClone'],
  ['update', 'native', 'update'],
  ['spawnSync', 'sync_io', 'spawnSync'],
] as const;

function assertBlamed(
  { culprit, leaf, confidence, cause }: StallReport,
  [call, itsCause, itsLeaf]: (typeof CALLS)[number],
) {
  assert.equal(culprit?.function, 'culprit', call);
  assert.equal(leaf?.function, itsLeaf);
  assert.equal(confidence, 'exact');
  assert.equal(cause, itsCause);
}

for (const expected of CALLS) {
  const [call] = expected;
  test(`a stall in ${call} is blamed on its caller`, { timeout: 60_000 }, async () => {
    const report = await firstReport([call, 'main'], isOf('main'));
    assertBlamed(report, expected);
  });
}

for (const expected of [CALLS[0], CALLS[3]] as const) {
  const [call] = expected;
  test(`so is one in ${call} in a worker thread`, { timeout: 60_000 }, async () => {
    assertBlamed(await firstReport([call, 'worker', registerCjs], isOf('calculator')), expected);
  });
}

test('where no stack can be captured, the call that was timed is blamed', { timeout: 60_000 }, async () => {
  const { allowedNodeEnvironmentFlags: flags } = process;
  const permissions = ['--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker', '--allow-child-process'];
  const report = await firstReport(['update', 'main'], isOf('main'), [
    flags.has('--permission') ? '--permission' : '--experimental-permission',
    ...permissions,
    ...(flags.has('--allow-net') ? ['--allow-net'] : []),
    '--no-warnings',
  ]);
  assertBlamed(report, CALLS[3]);
});
