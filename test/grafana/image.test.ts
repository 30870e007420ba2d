// What the demo's image is built from is enough to build it; the image itself needs an engine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../support/instrumented.js';

test('the files that .dockerignore lets through build the package and the demo', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-image-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const allowed = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  assert.ok(allowed.includes('src'));
  for (const path of allowed.flatMap((pattern) => (pattern === 'tsconfig*.json' ? TSCONFIGS : [pattern]))) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  for (const file of ['dist/esm/src/register.js', 'dist/cjs/src/register.js', 'dist/demo/main.js', 'CHANGELOG.md']) {
    assert.ok(existsSync(join(folder, file)), file);
  }
});

const TSCONFIGS = ['tsconfig.json', 'tsconfig.esm.json', 'tsconfig.cjs.json'];
