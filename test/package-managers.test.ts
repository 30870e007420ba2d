import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPackageManager } from '../src/package-managers.js';

const CASES: readonly (readonly [string | undefined, boolean])[] = [
  ['/usr/bin/npm', true],
  ['/usr/lib/node_modules/npm/bin/npm-cli.js', true],
  ['/usr/lib/node_modules/npm/bin/npx-cli.js', true],
  ['/usr/bin/yarn', true],
  ['/app/.yarn/releases/yarn-4.5.0.cjs', true],
  ['/usr/lib/node_modules/corepack/dist/pnpm.js', true],
  ['/usr/bin/corepack', true],
  ['/app/server.js', false],
  ['/app/npm-mirror.js', false],
  ['/app/npm/index.js', false],
  [undefined, false],
];

for (const [entry, expected] of CASES) {
  test(`${entry} is ${expected ? 'a package manager' : 'an application'}`, () => {
    assert.equal(isPackageManager(entry), expected);
  });
}
