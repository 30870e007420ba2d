// `loopsight/vitest` and `loopsight/jest` in the runners themselves: where the time of each test went, from the packed package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestRecord } from '../../src/test-runs/test-record.js';
import { type App, createApp, installTool } from '../support/packed.js';

const BODY = `
function burn(ms) {
  const end = performance.now() + ms;
  const { user } = process.cpuUsage();
  // What gets no processor is not to blame.
  while (performance.now() < end || process.cpuUsage().user < user + ms * 1000);
}
describe('prices', () => {
  test('are computed', () => burn(300));
  test('are asked for', () => new Promise((resolve) => setTimeout(resolve, 300)));
  test('are known', () => {});
});
`;

let app: App;
before(async () => {
  app = await createApp();
  app.link('vitest', join(await installTool('vitest'), 'node_modules/vitest'));
});
after(() => app?.remove());

/** What every runner must have told of the body above. */
function assertTold(stderr: string, reportFile: string, file: string, isNamed = true): void {
  const lines = readFileSync(join(app.folder, reportFile), 'utf8').trim().split('\n');
  const records = new Map(lines.map((line) => JSON.parse(line) as TestRecord).map((record) => [record.name, record]));
  const named = (end: string) =>
    [...records.values()].find(({ name }) => name.startsWith('prices') && name.endsWith(end));
  const [computed, asked, known] = [named('are computed'), named('are asked for'), named('are known')];
  assert.ok(computed !== undefined && asked !== undefined && known !== undefined, [...records.keys()].join());
  assert.ok(computed.blockedMs >= 250, JSON.stringify(computed));
  assert.equal(computed.stalls[0]?.culprit?.function, isNamed ? 'burn' : undefined, JSON.stringify(computed));
  assert.ok(asked.waitedMs > asked.durationMs / 2, JSON.stringify(asked));
  assert.equal(computed.file, file);
  assert.match(stderr, /^loopsight: the slowest tests, and why$/m);
  assert.match(stderr, /^ +\d.* prices.* are computed \(.+\)\n +blocked \d/m);
}

for (const pool of ['forks', 'threads']) {
  test(`Vitest, pool ${pool}`, async () => {
    const folder = await installTool('vitest');
    const entry = 'loopsight/vitest';
    const include = [`${pool}/*.test.mjs`];
    const config = {
      test: { include, globals: true, pool, globalSetup: entry, setupFiles: entry, testTimeout: 60_000 },
    };
    app.write(`${pool}.config.mjs`, `export default ${JSON.stringify(config)};`);
    app.write(`${pool}/prices.test.mjs`, BODY);
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
    const run = await app.run([vitest, 'run', '--config', `${pool}.config.mjs`], {
      env: { CI: 'true', NO_COLOR: '1', LOOPSIGHT_TEST_REPORT: `${pool}.jsonl` },
    });
    assert.equal(run.code, 0, `${run.stdout}${run.stderr}`);
    assert.match(run.stdout, /Tests +3 passed \(3\)/);
    // The inspector, which tells the code, reaches a process's main thread alone.
    assertTold(run.stderr, `${pool}.jsonl`, `${pool}/prices.test.mjs`, pool === 'forks');
  });
}

for (const mode of ['in one process', 'in workers']) {
  test(`Jest, ${mode}`, async () => {
    const jest = join(await installTool('jest'), 'node_modules/jest/bin/jest.js');
    const name = mode.replaceAll(' ', '-');
    app.write(`${name}/prices.test.cjs`, BODY);
    app.write(`${name}/other.test.cjs`, "test('is here', () => {});");
    const config = {
      testMatch: [`**/${name}/*.test.cjs`],
      transform: {},
      watchman: false,
      testTimeout: 60_000,
      reporters: ['default', 'loopsight/jest'],
      setupFilesAfterEnv: ['loopsight/jest'],
    };
    app.write(`${name}.config.json`, JSON.stringify(config));
    const args = [jest, '--config', `${name}.config.json`, '--no-cache'];
    const run = await app.run([...args, mode === 'in workers' ? '--maxWorkers=2' : '--runInBand'], {
      env: { CI: 'true', NO_COLOR: '1', LOOPSIGHT_TEST_REPORT: `${name}.jsonl` },
    });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /^Tests: +4 passed, 4 total$/m);
    assert.doesNotMatch(run.stderr, /did not exit|open handle/);
    assertTold(run.stderr, `${name}.jsonl`, `${name}/prices.test.cjs`);
  });
}
