// A user's own tests of code that imports Loopsight: they pass, and the runner ends by itself, in Jest and in Vitest.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type App, createApp, installTool } from '../support/packed.js';

const BODY = `
test('what is traced stays what it was', async () => {
  const price = traced('price', async (n) => n * 2);
  expect(price.length).toBe(1);
  expect(await price(2)).toBe(4);
});
test('start, scrape, stop', async () => {
  const handle = start({ port: 0 });
  queueMonitor('mail').added();
  const endpoint = await handle.endpoint;
  const { status } = await fetch(endpoint.url);
  expect(status).toBe(200);
  await handle.stop();
});
test('left running', () => {
  start({ port: 0 });
});
`;
const COMMONJS = `const { traced } = require('loopsight/traced'); const { queueMonitor, start } = require('loopsight');`;
const MODULE = `import { traced } from 'loopsight/traced'; import { queueMonitor, start } from 'loopsight';`;

let app: App;
before(async () => {
  app = await createApp();
});
after(() => app?.remove());

test('Jest, CommonJS', async () => {
  const jest = join(await installTool('jest'), 'node_modules/jest/bin/jest.js');
  app.write('jest/cjs.test.cjs', `${COMMONJS}${BODY}`);
  app.write('jest.config.json', '{ "testMatch": ["**/jest/cjs.test.cjs"], "transform": {}, "watchman": false }');
  const run = await app.run([jest, '--config', 'jest.config.json', '--runInBand', '--no-cache'], {
    env: { CI: 'true', NO_COLOR: '1' },
  });
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /^Tests: +3 passed, 3 total$/m);
  assert.doesNotMatch(run.stderr, /did not exit|open handle|loopsight:/);
});

test('Jest, ES modules', async () => {
  const jest = join(await installTool('jest'), 'node_modules/jest/bin/jest.js');
  app.write('jest/esm.test.mjs', `${MODULE}${BODY}`);
  const config = '{ "testMatch": ["**/jest/esm.test.mjs"], "transform": {}, "watchman": false }';
  app.write('jest-esm.config.json', config.replace('{ ', '{ "moduleFileExtensions": ["mjs", "js", "json"], '));
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--config', 'jest-esm.config.json', '--runInBand'];
  const run = await app.run([...args, '--no-cache'], { env: { CI: 'true', NO_COLOR: '1' } });
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /^Tests: +3 passed, 3 total$/m);
  assert.doesNotMatch(run.stderr, /did not exit|open handle|loopsight:/);
});

for (const pool of ['forks', 'threads']) {
  test(`Vitest, pool ${pool}`, async () => {
    const folder = await installTool('vitest');
    const config = { test: { include: ['vitest/*.test.mjs'], globals: true, pool } };
    app.write(`vitest-${pool}.config.mjs`, `export default ${JSON.stringify(config)};`);
    app.write('vitest/esm.test.mjs', `${MODULE}${BODY}`);
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
    const run = await app.run([vitest, 'run', '--config', `vitest-${pool}.config.mjs`], {
      env: { CI: 'true', NO_COLOR: '1' },
    });
    assert.equal(run.code, 0, `${run.stdout}${run.stderr}`);
    assert.match(run.stdout, /Tests +3 passed \(3\)/);
    assert.doesNotMatch(run.stdout + run.stderr, /something prevents|hanging|close timed out|loopsight:/);
  });
}
