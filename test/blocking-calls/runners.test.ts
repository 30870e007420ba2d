// Blocking calls throw in the tests of Vitest and Jest.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { installTool } from '../support/packed.js';
import { root, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-runners-'));
cpSync(join(root, 'test/blocking-calls/fixtures/throwing'), folder, { recursive: true });
after(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const AT_THE_CALL = /fs\.readFileSync blocks the event loop: called by loadSettings \(settings\.[mc]js:\d+\)/;
const HIDDEN = /caught the error of a blocking call: fs\.statSync blocks/;

async function check(runner: string, file: string, args: readonly string[], helper: string): Promise<void> {
  const output = join(folder, `${runner}.json`);
  const run = await runNode([...args, `--outputFile=${output}`], {
    cwd: folder,
    env: { HELPER: join(root, helper), CI: 'true', NODE_NO_WARNINGS: '1' },
    timeoutMs: 120_000,
  });
  assert.ok(existsSync(output), `${run.stdout}\n${run.stderr}`);
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  assert.deepEqual(
    Object.fromEntries(results.map(({ title, status }) => [title, status])),
    {
      blocks: 'failed',
      'blocks later': 'failed',
      'does not block': 'passed',
      'hides it': 'failed',
      'loads modules': 'passed',
      'is a helper of ours': 'passed',
    },
    `${file}\n${run.stdout}\n${run.stderr}`,
  );
  const messages = (title: string) => results.find((one) => one.title === title)?.failureMessages.join('\n') ?? '';
  assert.match(messages('blocks'), AT_THE_CALL);
  assert.match(messages('blocks later'), AT_THE_CALL);
  assert.match(messages('hides it'), HIDDEN);
}

let vitest: string;
let jest: string;
before(async () => {
  vitest = join(await installTool('vitest'), 'node_modules/vitest');
  jest = join(await installTool('jest'), 'node_modules/jest/bin/jest.js');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(vitest, join(folder, 'node_modules/vitest'), 'dir');
});

for (const pool of ['forks', 'threads']) {
  test(`Vitest, in ${pool}`, { timeout: 150_000 }, () => {
    const args = [join(vitest, 'vitest.mjs'), 'run', 'vitest.test.mjs', `--pool=${pool}`, '--reporter=json'];
    const helper = 'dist/esm/instrumentations/blocking-calls/throwing/in-tests.js';
    return check(`vitest-${pool}`, 'vitest.test.mjs', args, helper);
  });
}

test('Jest', { timeout: 150_000 }, () => {
  const config = JSON.stringify({
    testMatch: ['**/jest.test.cjs'],
    transform: {},
    haste: { enableSymlinks: false },
    // Not the one of all who run Jest at the same time.
    cacheDirectory: join(folder, 'cache'),
  });
  const args = [jest, '--json', '--runInBand', `--rootDir=${folder}`, `--config=${config}`];
  return check('jest', 'jest.test.cjs', args, 'dist/cjs/instrumentations/blocking-calls/throwing/in-tests.js');
});
