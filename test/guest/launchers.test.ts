// A watcher that was started with the service's NODE_OPTIONS leaves the endpoint to the service.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { registerFiles, root, runWithoutStalls } from '../support/run-node.js';

const index = pathToFileURL(join(root, 'dist/esm/src/index.js')).href;
const sayWhetherStarted = `import { current } from '${index}'; console.log(current() !== undefined);`;
const thenRun = (file: string) =>
  `import { spawnSync } from 'node:child_process'; spawnSync(process.execPath, ['${file}'], { stdio: 'inherit' });`;

for (const launcher of ['nodemon', '@nestjs/cli', 'tsx', 'concurrently', 'cross-env'] as const) {
  test(`${launcher} is not the service, its child is`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loopsight-launcher-'));
    try {
      const bin = join(folder, 'node_modules', launcher, 'bin');
      await mkdir(bin, { recursive: true });
      await writeFile(join(folder, 'service.mjs'), sayWhetherStarted);
      await writeFile(join(bin, 'main.mjs'), `${sayWhetherStarted}\n${thenRun('service.mjs')}`);
      const NODE_OPTIONS = `--import=${pathToFileURL(registerFiles.import).href}`;
      const run = await runWithoutStalls([join(bin, 'main.mjs')], { cwd: folder, env: { NODE_OPTIONS } });
      assert.deepEqual(run, { code: 0, signal: null, stdout: 'false\ntrue\n', stderr: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}
