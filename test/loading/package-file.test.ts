// Which package a path belongs to, and which of its versions are known.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isWithin, packageFile, readManifest, unaliased } from '../../src/loading/package-file.js';

const FILES: readonly [
  location: string,
  expected: readonly [folder: string, name: string, file: string] | undefined,
][] = [
  ['/srv/app/src/index.js', undefined],
  ['/srv/app/node_modules', undefined],
  ['/srv/node_modules/p-queue/dist/index.js', ['/srv/node_modules/p-queue', 'p-queue', 'dist/index.js']],
  ['/srv/node_modules/a/node_modules/@b/c/d.js', ['/srv/node_modules/a/node_modules/@b/c', '@b/c', 'd.js']],
  ['/srv/node_modules/@b/c.js', undefined],
  ['C:\\app\\node_modules\\fastq\\queue.js', ['C:/app/node_modules/fastq', 'fastq', 'queue.js']],
  ['file:///srv/node_modules/p%20q/index.js?again#1', ['/srv/node_modules/p q', 'p q', 'index.js']],
  ['file:///srv/node_modules/%', undefined],
  [
    '/srv/node_modules/.pnpm/x@1.0.0/node_modules/x/x.js',
    ['/srv/node_modules/.pnpm/x@1.0.0/node_modules/x', 'x', 'x.js'],
  ],
];

for (const [location, expected] of FILES) {
  test(`the package of ${location}`, () => {
    const file = packageFile(location);
    assert.deepEqual(file && [file.folder, file.name, file.file], expected);
  });
}

test('an alias that is a name and a version', () => {
  const names = ['p-queue-9', 'undici-v7', 'async.3', 'x@1.2.3', 'p-queue', 'p-limit', 'async-mutex'].map(unaliased);
  assert.deepEqual(names, ['p-queue', 'undici', 'async', 'x', 'p-queue', 'p-limit', 'async-mutex']);
});

const VERSIONS: readonly [version: string, isKnown: boolean][] = [
  ['6.0.0', true],
  ['10.99.0', true],
  ['11.0.0-beta.1', false],
  ['11.0.0', false],
  ['5.9.9', false],
  ['next', false],
];

for (const [version, isKnown] of VERSIONS) {
  test(`${version} is ${isKnown ? '' : 'not '}from 6.0.0 to below 11.0.0`, () => {
    assert.equal(isWithin(version, '6.0.0', '11.0.0'), isKnown);
  });
}

const MANIFESTS: readonly [manifest: object, entries: readonly string[] | undefined][] = [
  [{ name: 'a' }, undefined],
  [{ name: 'a', version: '1.0.0' }, ['index.js']],
  [{ name: 'a', version: '1.0.0', main: './lib/a.js', module: 'es/a.mjs' }, ['lib/a.js', 'es/a.mjs']],
  [{ name: 'a', version: '1.0.0', main: 'lib/' }, ['lib', 'lib.js', 'lib.cjs', 'lib/index.js']],
  [
    {
      name: 'a',
      version: '1.0.0',
      exports: { '.': { types: './a.d.ts', import: './a.mjs', require: { default: './a.cjs' } }, './b': './b.js' },
    },
    ['a.d.ts', 'a.d.ts.js', 'a.d.ts.cjs', 'a.d.ts/index.js', 'a.mjs', 'a.cjs'],
  ],
  [{ name: 'a', version: '1.0.0', exports: ['./a.js'] }, ['a.js']],
];

test('what a manifest says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-manifest-'));
  try {
    for (const [index, [manifest, entries]] of MANIFESTS.entries()) {
      const path = join(folder, `${index}`);
      mkdirSync(path);
      writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
      const read = readManifest(path);
      assert.deepEqual(read && [...read.entries], entries);
    }
    writeFileSync(join(folder, 'package.json'), 'no JSON');
    assert.equal(readManifest(folder), undefined);
    assert.equal(readManifest(join(folder, 'nowhere')), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
