// A test that starts a worker with an environment of its own, one with a test in it, and one that removes its folder.
const assert = require('node:assert');
const { once } = require('node:events');
const { mkdtempSync, rmdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, test } = require('node:test');
const { Worker } = require('node:worker_threads');

test('starts a worker', async () => {
  const worker = new Worker('', { eval: true, env: {}, stdout: true });
  let text = '';
  worker.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  const [code] = await once(worker, 'exit');
  assert.deepEqual([code, text], [0, '']);
});

test('has parts', (context) => context.test('a part', () => {}));

after(() => process.chdir(__dirname));
test('removes its folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'removed-'));
  process.chdir(folder);
  rmdirSync(folder);
});
