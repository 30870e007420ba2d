// Libraries that are loaded in every way there is, in programs of their own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hooksAreSafe } from '../../src/loading/es-modules.js';
import { root, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-loading-'));

/** Packages below node_modules of the folder that programs run in. */
const PACKAGES: Readonly<Record<string, string>> = {
  'closed-cjs/package.json': '{ "name": "closed-cjs", "version": "1.2.0", "main": "lib/index" }',
  'closed-cjs/lib/index.js': `module.exports = () => 'original';`,
  'holder/package.json': '{ "name": "holder", "version": "5.0.0" }',
  'holder/index.js': `module.exports = require('closed-cjs');`,
  'holder/node_modules/closed-cjs/package.json': '{ "name": "closed-cjs", "version": "1.9.9" }',
  'holder/node_modules/closed-cjs/index.js': `module.exports = () => 'nested';`,
  'closed-cjs-1/package.json': '{ "name": "closed-cjs", "version": "1.0.0" }',
  'closed-cjs-1/index.js': `module.exports = () => 'alias';`,
  'closed-cjs-3/package.json': '{ "name": "closed-cjs", "version": "3.0.0" }',
  'closed-cjs-3/index.js': `module.exports = () => 'too new';`,
  'named-cjs/package.json': '{ "name": "named-cjs", "version": "1.0.0" }',
  'named-cjs/index.js': `exports.create = () => 'original';`,
  'closed-esm/package.json':
    '{ "name": "closed-esm", "version": "1.2.0", "type": "module", "exports": { "default": "./index.js" } }',
  'closed-esm/index.js': `export default function create() { return 'original'; }
export class Thing { run() { return 'original'; } }
function inner() { return 'inner'; }
export { inner as renamed };
export const callsDefault = () => create();
//# sourceMappingURL=index.js.map`,
  'barrel-esm/package.json': '{ "name": "barrel-esm", "version": "1.2.0", "type": "module", "exports": "./index.js" }',
  'barrel-esm/index.js': `export * from './inner.js';`,
  'barrel-esm/inner.js': `export class Inner { run() { return 'original'; } }`,
  'wrapped-esm/package.json':
    '{ "name": "wrapped-esm", "version": "1.0.0", "exports": { "import": "./index.mjs", "require": "./index.cjs" } }',
  'wrapped-esm/index.mjs': `import create from './index.cjs'; export { create as default };`,
  'wrapped-esm/index.cjs': `module.exports = () => 'original';`,
  '@scope/scoped/package.json': '{ "name": "@scope/scoped", "version": "1.0.0" }',
  '@scope/scoped/index.js': `module.exports = () => 'scoped';`,
  'constant-esm/package.json':
    '{ "name": "constant-esm", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  'constant-esm/index.js': `export const fixed = () => 'original';`,
  'throwing/package.json': '{ "name": "throwing", "version": "1.0.0" }',
  'throwing/index.js': `module.exports = () => 'original';`,
  'inner-file/package.json': '{ "name": "inner-file", "version": "1.0.0" }',
  'inner-file/index.js': `module.exports = { inner: require('./lib/inner'), other: require('./lib/other') };`,
  'inner-file/lib/inner.js': `module.exports = () => 'inner';`,
  'inner-file/lib/other.js': `module.exports = () => 'other';`,
};

interface Case {
  readonly name: string;
  readonly format: 'mjs' | 'cjs';
  readonly program: string;
  readonly said: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  {
    name: 'an ES module, by import',
    format: 'mjs',
    program: `import create, { callsDefault, renamed, Thing } from 'closed-esm';
const all = () => [create(), callsDefault(), renamed(), new Thing().run()];
const during = all();
monitor.stop();
say([during, all(), told.reports]);`,
    said: [
      ['patched original', 'patched original', 'patched inner', 'patched original'],
      ['original', 'original', 'inner', 'original'],
      [],
    ],
  },
  {
    name: 'an ES module, by require',
    format: 'cjs',
    program: `const exports1 = require('closed-esm');
const all = () => [exports1.default(), exports1.renamed(), new exports1.Thing().run()];
const during = all();
monitor.stop();
say([during, all(), told.patched]);`,
    said: [
      ['patched original', 'patched inner', 'patched original'],
      ['original', 'inner', 'original'],
      ['closed-esm'],
    ],
  },
  {
    name: 'an ES module by import and require: once',
    format: 'mjs',
    program: `import { createRequire } from 'node:module';
import create from 'closed-esm';
say([create(), createRequire(import.meta.url)('closed-esm').default(), told.patched]);`,
    said: ['patched original', 'patched original', ['closed-esm']],
  },
  {
    name: 'an ES module that passes on what others export',
    format: 'mjs',
    program: `import { Inner } from 'barrel-esm';
const during = new Inner().run();
monitor.stop();
say([during, new Inner().run()]);`,
    said: ['patched original', 'original'],
  },
  {
    name: 'a dynamic import',
    format: 'cjs',
    program: `import('closed-esm').then(({ default: create }) => say(create()));`,
    said: 'patched original',
  },
  {
    name: 'CommonJS, by import',
    format: 'mjs',
    program: `import create from 'closed-cjs';
import { create as named } from 'named-cjs';
say([create(), named()]);`,
    said: ['patched original', 'patched original'],
  },
  {
    name: 'CommonJS, by require',
    format: 'cjs',
    program: `const during = [require('closed-cjs')(), require('named-cjs').create(), require('@scope/scoped')()];
monitor.stop();
say([during, require('closed-cjs')(), require('named-cjs').create(), Object.keys(require('named-cjs'))]);`,
    said: [['patched original', 'patched original', 'patched scoped'], 'original', 'original', ['create']],
  },
  {
    name: 'CommonJS that was required before it is imported',
    format: 'cjs',
    program: `require('closed-cjs');
import('closed-cjs').then(({ default: create }) => say(create()));`,
    said: 'patched original',
  },
  {
    name: 'several copies of one library',
    format: 'cjs',
    program: `say([require('closed-cjs')(), require('holder')(), require('closed-cjs-1')(), told.patched.length]);`,
    said: ['patched original', 'patched nested', 'patched alias', 3],
  },
  {
    name: 'a file of a library, and no other',
    format: 'cjs',
    program: `const { inner, other } = require('inner-file');
say([inner(), other()]);`,
    said: ['patched inner', 'other'],
  },
  {
    name: 'CommonJS that was loaded before',
    format: 'cjs',
    program: `const before = require('closed-cjs');
const monitor = watch();
const during = require('closed-cjs');
monitor.stop();
say([before(), during(), require('closed-cjs') === before]);`,
    env: { WATCH: 'later' },
    said: ['original', 'patched original', true],
  },
  {
    name: 'an ES module that was loaded under an earlier watch',
    format: 'mjs',
    program: `import create from 'closed-esm';
monitor.stop();
const between = create();
const again = watch();
const during = create();
again.stop();
say([between, during, create()]);`,
    said: ['original', 'patched original', 'original'],
  },
  {
    name: 'two watches, of two copies of the package',
    format: 'mjs',
    program: `const second = watch('esm');
const exports1 = await import('closed-esm');
const both = exports1.default();
monitor.stop();
monitor.stop();
const one = exports1.default();
second.stop();
say([both, one, exports1.default(), told.undone]);`,
    said: ['patched original', 'patched original', 'original', 2],
  },
  {
    name: 'two watches, of two copies of the package, for libraries of their own',
    format: 'cjs',
    program: `monitor.stop();
const [first, second] = [watch('cjs', ['named-cjs']), watch('esm', ['closed-cjs'])];
const during = [require('named-cjs').create(), require('closed-cjs')()];
first.stop();
delete require.cache[require.resolve('closed-cjs')];
const one = require('closed-cjs')();
second.stop();
say([during, one, require('closed-cjs')(), Object.hasOwn(module.constructor.prototype, 'loaded')]);`,
    said: [['patched original', 'patched original'], 'patched original', 'original', false],
  },
  {
    name: 'a version that is not known: one line',
    format: 'cjs',
    program: `const first = require('closed-cjs-3');
delete require.cache[require.resolve('closed-cjs-3')];
say([first(), require('closed-cjs-3')(), told.diag, told.reports]);`,
    said: [
      'too new',
      'too new',
      ['loopsight: closed-cjs 3.0.0 is left alone: known are versions from 1.0.0 to below 2.0.0'],
      [],
    ],
  },
  {
    name: 'a library that is not what it was',
    format: 'mjs',
    program: `import create from 'throwing';
import { fixed } from 'constant-esm';
say([create(), fixed(), told.reports, told.undone]);`,
    said: [
      'original',
      'original',
      [
        'the library throwing could not be patched: not as it was',
        'the library constant-esm could not be patched: its export `fixed` cannot be changed',
      ],
      1,
    ],
  },
  {
    name: 'a module that only passes on what a patched one exports',
    format: 'mjs',
    program: `import create from 'wrapped-esm';
import { createRequire } from 'node:module';
const during = [create(), createRequire(import.meta.url)('wrapped-esm')()];
monitor.stop();
const again = watch();
say([during, createRequire(import.meta.url)('wrapped-esm')(), told.patched]);`,
    said: [['patched original', 'patched original'], 'patched original', ['wrapped-esm', 'wrapped-esm']],
  },
  {
    name: 'none of the libraries',
    format: 'mjs',
    program: `import fs from 'node:fs';
import { Module } from 'node:module';
const functions = () => [Module.prototype._compile, fs.readFileSync, fs.promises.readFile];
const before = functions();
const monitor = watch();
const names = functions().map(({ name, length }) => name + length).join();
monitor.stop();
const after = functions();
say([before.every((one, index) => one === after[index]), names === before.map(({ name, length }) => name + length).join(), told.diag, told.reports]);`,
    env: { WATCH: 'later' },
    said: [true, true, [], []],
  },
  {
    name: 'an application that reads the code of a library',
    format: 'mjs',
    program: `import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import fs from 'node:fs';
import 'closed-esm';
const url = new URL('node_modules/closed-esm/index.js', import.meta.url);
const read = [await readFile(url, 'utf8'), await fs.promises.readFile(url, 'utf8'), readFileSync(url, 'utf8')];
say(read.map((code) => code.includes('loopsight')));`,
    said: [false, false, false],
  },
];

before(() => {
  for (const [path, text] of Object.entries(PACKAGES)) {
    const file = join(folder, 'node_modules', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  CASES.forEach(({ format, program }, index) => {
    writeFileSync(join(folder, `case-${index}.${format}`), program);
  });
  writeFileSync(join(folder, 'forward.mjs'), 'export const load = async (url, context, next) => next(url, context);');
  const register = `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(join(folder, 'forward.mjs')))});`;
  writeFileSync(join(folder, 'register.mjs'), register);
});

after(() => rmSync(folder, { recursive: true, force: true }));

async function run(index: number, hooks: readonly string[] = []): Promise<unknown> {
  const { format, env = {} } = CASES[index] ?? assert.fail();
  const args = ['--no-warnings', '--require', join(root, 'test/loading/programs/watch.cjs'), ...hooks];
  const { stdout, stderr, code } = await runNode([...args, join(folder, `case-${index}.${format}`)], {
    cwd: folder,
    env: { LOOPSIGHT_TEST_ROOT: root, ...env },
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

describe('libraries are found', { concurrency: 3 }, () => {
  for (const [index, { name, said }] of CASES.entries()) {
    test(name, async () => assert.deepEqual(await run(index), said));
  }
});

// Older versions read code in the thread of those hooks, where nobody of ours is: only CommonJS is found then.
const beside = hooksAreSafe(process.versions.node) ? CASES : [];
describe('libraries are found beside hooks of others', { concurrency: 3 }, () => {
  for (const [index, { name, said }] of beside.entries()) {
    test(name, async () => {
      const hooks = ['--import', pathToFileURL(join(folder, 'register.mjs')).href];
      assert.deepEqual(await run(index, hooks), said);
    });
  }
});
