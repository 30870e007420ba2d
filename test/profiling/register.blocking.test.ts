// LOOPSIGHT_PROFILE=on under a real program: stalls in native calls have a name, an idle loop stays idle, and nothing else changes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { countsFrom } from '../../src/profile/coverage.js';
import { readCoverage } from '../../src/profile/read-coverage.js';
import { createSources } from '../../src/profile/sources.js';
import type { StallReport } from '../../src/stalls/blame/stall-report.js';
import { registerFiles, runNode, runWithoutStalls } from '../support/run-node.js';

const ON = { LOOPSIGHT_PROFILE: 'on', LOOPSIGHT_PROFILE_INTERVAL_MS: '10' } as const;

function run(program: string, env: Readonly<Record<string, string>> = ON) {
  return runWithoutStalls(['--import', registerFiles.import, '--input-type=module', '--eval', program], { env });
}

/** How `program` ends when it is profiled, after the profiler has begun. */
const ENDS: Readonly<
  Record<string, { readonly program: string; readonly code: number | null; readonly signal?: string }>
> = {
  'by itself': { program: '', code: 0 },
  'by process.exit': { program: 'process.exit(7)', code: 7 },
  'by process.reallyExit': { program: 'process.reallyExit(9)', code: 9 },
  'by process.exit out of a blocked loop': {
    program: 'const end = performance.now() + 300; while (performance.now() < end); process.exit(3)',
    code: 3,
  },
  'by a signal of its own': {
    program: "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 5000)",
    code: null,
    signal: 'SIGTERM',
  },
};

/** Waits until the thread of V8's profiler is there, or `ms` are over. */
const UNTIL_PROFILED = `
  import { readdirSync, readFileSync } from 'node:fs';
  const isProfiled = () => readdirSync('/proc/self/task').some((id) => {
    try { return readFileSync('/proc/self/task/' + id + '/comm', 'utf8').startsWith('v8:ProfEvnt'); } catch { return false; }
  });
  const until = performance.now() + MS;
  while (!isProfiled() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
`;
const untilProfiled = (ms: number): string => UNTIL_PROFILED.replace('MS', String(ms));

describe('a program that is profiled ends as it would have', {
  concurrency: 3,
  skip: process.platform !== 'linux',
}, () => {
  for (const [end, { program, code, signal = null }] of Object.entries(ENDS)) {
    test(end, async () => {
      const ended = await run(`${untilProfiled(30_000)} console.log(isProfiled()); ${program}`);
      assert.deepEqual(ended, { code, signal, stdout: 'true\n', stderr: '' });
    });
  }

  test('before the profiler has begun', async () => {
    assert.deepEqual(await run('console.log(1)'), { code: 0, signal: null, stdout: '1\n', stderr: '' });
  });
});

describe('a program under LOOPSIGHT_PROFILE', { concurrency: 3 }, () => {
  test('what looked like its exit and was none: it is profiled again', {
    skip: process.platform !== 'linux',
  }, async () => {
    const { stdout, stderr } = await run(`${untilProfiled(30_000)}
    process.on('SIGUSR2', () => {});
    process.kill(process.pid, 'SIGUSR2');
    const over = performance.now() + 30_000;
    while (isProfiled() && performance.now() < over) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = isProfiled();
    const again = performance.now() + 30_000;
    while (!isProfiled() && performance.now() < again) await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(before, isProfiled());`);
    assert.deepEqual({ stdout, stderr }, { stdout: 'false true\n', stderr: '' });
  });

  test('nothing is profiled where it is not asked for', { skip: process.platform !== 'linux' }, async () => {
    const { stdout } = await run(`${untilProfiled(500)} console.log(isProfiled())`, {});
    assert.equal(stdout, 'false\n');
  });

  test('without what it needs, one line says so', async () => {
    const { code, stderr } = await run('', { ...ON, LOOPSIGHT_BLAME: 'off' });
    assert.equal(code, 0);
    assert.equal(stderr, 'loopsight: the program is not profiled: that needs LOOPSIGHT_BLAME=on\n');
  });

  test('what Node counts itself stays complete, and nothing but one line is written', async (t) => {
    const coverage = mkdtempSync(join(tmpdir(), 'loopsight-counted-'));
    t.after(() => rmSync(coverage, { recursive: true, force: true }));
    const file = join(coverage, 'counted.mjs');
    writeFileSync(file, 'function twice() {}\ntwice();\ntwice();\nsetTimeout(() => {}, 1000);\n');
    const { code, stderr } = await runNode(['--import', registerFiles.import, file], {
      env: { ...ON, NODE_V8_COVERAGE: coverage },
    });
    assert.equal(code, 0);
    assert.equal(
      stderr,
      'loopsight: the program is not profiled: Node itself does that, because of NODE_V8_COVERAGE\n',
    );
    const counts = countsFrom(readCoverage(coverage), { sources: createSources() });
    assert.equal(counts.get(file)?.get(1), 2);
  });

  test('a stall in a native call that nobody wraps, and nothing interrupts, is seen while it lasts', async () => {
    const { code, stdout, stderr } = await runNode(['test/profiling/programs/native-stall.mjs']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const { culprit, confidence, leaf, durationMs } = JSON.parse(stdout) as StallReport;
    assert.deepEqual(
      { culprit: culprit?.function, confidence, leaf: leaf?.function },
      {
        culprit: 'hexOf',
        confidence: 'exact',
        leaf: 'toString',
      },
    );
    assert.ok(durationMs >= 100, stdout);
  });

  test('a loop that sleeps is idle, and has no stalls', async () => {
    const { code, stdout, stderr } = await runNode(['test/profiling/programs/sleeps.mjs']);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const { active, idle, utilization, stalls } = JSON.parse(stdout) as {
      readonly active: number;
      readonly idle: number;
      readonly utilization: number;
      readonly stalls: readonly object[];
    };
    assert.deepEqual(stalls, []);
    // libuv says 0.9 of it.
    assert.ok(utilization < 0.4, stdout);
    assert.ok(active < idle, stdout);
  });
});
