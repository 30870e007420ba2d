// `loopsight/test` in runs of node:test: where the time of each test went, from a real run of each kind.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TestRecord } from '../../src/test-runs/test-record.js';
import { root, runNode } from '../support/run-node.js';

const ENTRY = { import: join(root, 'dist/esm/src/test.js'), require: join(root, 'dist/cjs/src/test.js') } as const;
const PROGRAMS = join(root, 'test/test-runs/programs');
const [major = 0] = process.versions.node.split('.').map(Number);

const folder = mkdtempSync(join(tmpdir(), 'loopsight-test-runs-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let runs = 0;

interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly records: ReadonlyMap<string, TestRecord>;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Told> {
  const report = join(folder, `${runs++}.jsonl`);
  // Files of a run that ends are gone; TMPDIR shows it.
  const scratch = mkdtempSync(join(folder, 'tmp-'));
  const { code, stdout, stderr } = await runNode(args, {
    env: { LOOPSIGHT_TEST_REPORT: report, TMPDIR: scratch, ...env },
  });
  assert.deepEqual(
    readdirSync(scratch).filter((name) => name.startsWith('loopsight-tests-')),
    [],
  );
  const lines = readLines(report);
  const records = new Map(lines.map((line) => JSON.parse(line) as TestRecord).map((record) => [record.name, record]));
  return { code, stdout, stderr, records };
}

/** On a machine with too much to do: code that gets no processor is not to blame, short callbacks become long, nobody sees it. */
function isStarved({ durationMs, withoutProcessorMs = 0 }: TestRecord): boolean {
  return withoutProcessorMs > durationMs / 3;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

const slow = join(PROGRAMS, 'slow.test.mjs');
const KINDS = [
  ['--import and --test', ['--import', ENTRY.import, '--test', slow]],
  ['--require and --test', ['--require', ENTRY.require, '--test', slow]],
  ['a file on its own', ['--import', ENTRY.import, slow]],
  ...(major >= 24
    ? ([
        ['one process for all', ['--import', ENTRY.import, '--test', '--test-isolation=none', slow]],
        ['one process for all, in two words', ['--import', ENTRY.import, '--test', '--test-isolation', 'none', slow]],
      ] as const)
    : []),
] as const;

describe('a run of node:test', () => {
  for (const [title, args] of KINDS) {
    it(`tells where the time went: ${title}`, async () => {
      const { code, stdout, stderr, records } = await run([...args]);
      assert.equal(code, 0, stdout + stderr);
      const record = (name: string) => {
        const found = records.get(name);
        assert.ok(found !== undefined, `${name} is not among ${[...records.keys()].join(', ')}\n${stdout}${stderr}`);
        return found;
      };
      assert.equal(records.size, 7);
      const computes = record('computes');
      if (!isStarved(computes)) {
        assert.ok(computes.blockedMs >= 550, JSON.stringify(computes));
        assert.equal(computes.stalls[0]?.culprit?.function, 'burn', JSON.stringify(computes));
      }
      assert.equal(computes.file, 'test/test-runs/programs/slow.test.mjs');
      const waits = record('waits');
      if (!isStarved(waits)) assert.ok(waits.waitedMs > waits.durationMs / 2, JSON.stringify(waits));
      assert.ok(waits.waitedFor.includes('Timeout'), JSON.stringify(waits));
      const spins = record('a suite › spins');
      if (!isStarved(spins)) assert.ok(spins.spunMs > spins.durationMs / 2, JSON.stringify(spins));
      for (const { blockedMs, spunMs, waitedMs, durationMs } of records.values()) {
        assert.ok(Math.abs(blockedMs + spunMs + waitedMs - durationMs) < 0.001);
      }
      assert.deepEqual([record('at once › one').others, record('at once › other').others, computes.others], [1, 1, 0]);

      const told = stdout + stderr;
      assert.match(told, /loopsight: the slowest tests, and why/);
      if (!isStarved(computes)) {
        const blamed = '.* by burn \\(test/test-runs/programs/slow\\.test\\.mjs:11\\)';
        assert.match(told, new RegExp(`computes \\(.*slow\\.test\\.mjs\\)\\s+(#\\s+)?blocked \\d${blamed}`));
        assert.match(told, /(#|ℹ) blocked [\d.]+ m?s/);
      }
      assert.match(told, /1 other test ran meanwhile/);
    });
  }

  it('leaves the outcome as it is, and tells of tests whose process ended', async () => {
    const { code, stdout, records } = await run(['--import', ENTRY.import, join(PROGRAMS, 'failing.test.cjs')]);
    assert.equal(code, 7, stdout);
    assert.deepEqual([...records.keys()], ['fails']);
  });

  it('says nothing of slow tests where there are none', async () => {
    const { stderr } = await run(['--require', ENTRY.require, '--test', slow], { LOOPSIGHT_TEST_SLOW_MS: '60000' });
    assert.match(stderr, /^loopsight: none of 7 tests took 60 s or longer$/m);
  });

  it('shows the stacks of a test that blocks, and what a test that waits has open', async () => {
    const env = { LOOPSIGHT_TEST_DUMP_AFTER_MS: '150', COMPUTES_MS: '3000', WAITS_MS: '3000' };
    const { stderr } = await run(['--import', ENTRY.import, slow], env);
    assert.match(stderr, /main[^\n]*\n(.*\n)*? +(at )?burn /);
    assert.match(stderr, /^loopsight: the test waits runs for 150 ms already; open are: .*Timeout/m);
  });

  for (const [door, entry] of Object.entries(ENTRY)) {
    it(`is not misled by clocks and timers that tests put in place: --${door}`, async () => {
      const { code, stdout, stderr, records } = await run([`--${door}`, entry, join(PROGRAMS, 'faked.test.cjs')], {
        // Less than the tests let pass of their own time, and more than they take.
        LOOPSIGHT_TEST_DUMP_AFTER_MS: '30000',
      });
      assert.equal(code, 0, stdout + stderr);
      assert.doesNotMatch(stderr, /runs for/, 'none of the tests took so long');
      for (const name of ['blocks', 'blocks again']) {
        const record = [...records.values()].find((one) => one.name.endsWith(name));
        assert.ok(record !== undefined, name);
        if (isStarved(record)) continue;
        assert.ok(record.blockedMs >= 350, JSON.stringify(record));
        assert.equal(record.stalls[0]?.culprit?.function, 'burn', JSON.stringify(record));
      }
    });
  }

  it('leaves the workers of tests alone, and finds its way without the folder that a test was in', async () => {
    for (const [door, entry] of Object.entries(ENTRY)) {
      const { code, stdout, stderr, records } = await run([`--${door}`, entry, join(PROGRAMS, 'elsewhere.test.cjs')]);
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(
        [...records.keys()],
        ['starts a worker', 'has parts › a part', 'has parts', 'removes its folder'],
      );
      for (const { file, others } of records.values()) {
        assert.deepEqual([file, others], ['test/test-runs/programs/elsewhere.test.cjs', 0]);
      }
    }
  });

  it('changes nothing where nothing can be written', async () => {
    const args = ['--require', ENTRY.require, '--test', slow];
    const nowhere = join(folder, 'no/such/folder');
    const unwritten = await run(args, { TMPDIR: nowhere });
    assert.equal(unwritten.code, 0, unwritten.stdout + unwritten.stderr);
    assert.match(unwritten.stderr, /^loopsight: the tests could not be told of \(Error: ENOENT/m);
    const unreported = await run(args, { LOOPSIGHT_TEST_REPORT: join(nowhere, 'report.jsonl') });
    assert.equal(unreported.code, 0, unreported.stdout + unreported.stderr);
    assert.match(unreported.stderr, /^loopsight: the slowest tests, and why$/m);
    assert.match(unreported.stderr, /^loopsight: the tests could not be told of \(Error: ENOENT/m);
  });

  it('ends at its start for a bad variable', async () => {
    const { code, stderr } = await run(['--import', ENTRY.import, slow], { LOOPSIGHT_TEST_SLOW_MS: 'soon' });
    assert.equal(code, 1);
    assert.match(stderr, /Expected `LOOPSIGHT_TEST_SLOW_MS` to be a number from 0 to 86400000, got "soon"/);
  });
});
