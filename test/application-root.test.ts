// The folder that names of files begin below.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { applicationRoot } from '../src/application-root.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loopsight-root-')));
after(() => rmSync(folder, { recursive: true, force: true }));

function make(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), file.includes('dist') ? '{ "type": "commonjs" }' : '{ "name": "some" }');
  }
}

make('shop/package.json', 'shop/src/deep/main.js', 'shop/packages/mail/package.json', 'shop/packages/mail/main.js');
make('shop/node_modules/next/package.json', 'shop/node_modules/next/dist/bin/next.js', 'alone/src/main.js');
make('shop/dist/package.json', 'shop/dist/main.js', 'marked/dist/package.json', 'marked/dist/src/main.js');
mkdirSync(join(folder, 'broken'));
writeFileSync(join(folder, 'broken/package.json'), '{ "name": ');
make('broken/main.js');
symlinkSync(join(folder, 'shop/src/deep/main.js'), join(folder, 'link.js'));

describe('the root of the application', () => {
  const ENTRIES: Readonly<Record<string, readonly [entry: string, expected: string]>> = {
    'is the folder of the package.json above the entry': ['shop/src/deep/main.js', 'shop'],
    'is the nearest one': ['shop/packages/mail/main.js', 'shop/packages/mail'],
    'is not that of compiled code': ['shop/dist/main.js', 'shop'],
    'is that of compiled code where there is no other': ['marked/dist/src/main.js', 'marked/dist'],
    'is that of one that is broken where there is no other': ['broken/main.js', 'broken'],
    'is that of the file which a link points to': ['link.js', 'shop'],
  };
  for (const [what, [entry, expected]] of Object.entries(ENTRIES)) {
    test(what, () => assert.equal(applicationRoot(join(folder, entry)), join(folder, expected)));
  }

  test('is the working directory of a command that a package brings', () => {
    assert.equal(applicationRoot(join(folder, 'shop/node_modules/next/dist/bin/next.js')), process.cwd());
  });

  test('is the working directory of code without a file', () => {
    const [node = ''] = process.argv;
    const argv = process.argv.splice(1);
    try {
      assert.equal(applicationRoot(), process.cwd());
    } finally {
      process.argv.splice(0, process.argv.length, node, ...argv);
    }
  });

  test('is the folder of the entry where there is no package.json', () => {
    assert.equal(applicationRoot(join(folder, 'alone/src/main.js')), join(folder, 'alone/src'));
  });

  test('is not known of a file that does not exist, and asking never throws', () => {
    assert.equal(applicationRoot(join(folder, 'nowhere.js')), '');
    assert.equal(applicationRoot('a\0b'), '');
  });
});
