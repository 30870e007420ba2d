// What is published: the built package and its papers, nothing of the workshop.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { type App, createApp, packTarball } from '../support/packed.js';

/** With what `prepack` leaves out of it, which is a fifth. */
const PACKED_LIMIT_BYTES = 2_500_000;

let app: App;
let files: readonly string[] = [];
const text = (file: string) => readFileSync(join(app.folder, 'node_modules/loopsight', file), 'utf8');

before(async () => {
  app = await createApp();
  const listed = execFileSync('tar', ['-tzf', await packTarball()], { encoding: 'utf8' });
  files = listed
    .trim()
    .split('\n')
    .map((line) => line.replace(/^package\//, ''));
});
after(() => app?.remove());

test('the built package and its papers', () => {
  const PAPERS = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  const isRunbook = (file: string) => /^docs\/runbooks\/[\w-]+\.md$/.test(file);
  assert.ok(files.some(isRunbook));
  assert.deepEqual(files.filter((file) => !file.startsWith('dist/') && !isRunbook(file)).sort(), PAPERS);
  const BUILT =
    /^dist\/(?:(?:esm|cjs)\/(?:src|instrumentations|grafana)\/[\w/-]+\.(?:js|d\.ts|cjs|d\.cts)|grafana\/dashboards\/[\w-]+\/[\w-]+\.json|config\.schema\.json)$/;
  const built = files.filter((file) => file.startsWith('dist/') && file !== 'dist/cjs/package.json');
  assert.deepEqual(
    built.filter((file) => !BUILT.test(file)),
    [],
  );
  assert.deepEqual(
    built.filter((file) => /\/(test|bench|demo|fixtures)\//.test(file)),
    [],
  );
});

test('the tarball stays small', async () => {
  const { size } = statSync(await packTarball());
  assert.ok(size < PACKED_LIMIT_BYTES, `${size} bytes`);
});

test('every file that package.json names is there', () => {
  const { exports, main, types, bin } = JSON.parse(text('package.json')) as Record<string, unknown>;
  const named = [...JSON.stringify([exports, main, types, bin]).matchAll(/"((?:\.\/)?dist\/[^"]+)"/g)].map(([, path]) =>
    normalize(path ?? ''),
  );
  assert.ok(named.length >= 12);
  for (const path of named) assert.ok(files.includes(path), path);
});

test('no source maps: what is published reads as its source does', () => {
  assert.deepEqual(
    files.filter((file) => file.endsWith('.map')),
    [],
  );
});
