// Patterns of calls that may block, and whom a call is judged by.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowList } from '../../instrumentations/blocking-calls/throwing/allow-list.js';
import { judgeCall } from '../../instrumentations/blocking-calls/throwing/judge-call.js';
import { type Frame, originOf } from '../../src/stalls/blame/frames.js';

const callers = [
  { function: 'readAll', file: 'node_modules/reader/lib/index.js' },
  { function: 'Config.load', file: 'src/config/load.ts' },
];

const PATTERNS: readonly [pattern: string, isAllowed: boolean][] = [
  ['fs.readFileSync', true],
  ['fs.readFile', false],
  ['fs.*', true],
  ['*.readFileSync', true],
  ['fs.read?ileSync', true],
  ['fs_readFileSync', false],
  ['Config.load()', true],
  ['*.load()', true],
  ['load()', false],
  ['readAll()', true],
  ['src/config/load.ts', true],
  ['./src/config/load.ts', true],
  ['src/config/*', true],
  ['src/*', false],
  ['src/**', true],
  ['**/load.ts', true],
  ['**/config/**', true],
  ['load.ts', false],
  ['node_modules/reader/**', true],
  ['fs.* in src/config/**', true],
  ['zlib.* in src/config/**', false],
  ['fs.* in src/other/**', false],
  ['fs.readFileSync in Config.load()', true],
];

for (const [pattern, isAllowed] of PATTERNS) {
  test(`${pattern} ${isAllowed ? 'allows' : 'does not allow'} it`, () => {
    assert.equal(allowList([pattern])({ call: 'fs.readFileSync', callers }), isAllowed);
  });
}

test('what is no pattern is refused with its name and value', () => {
  assert.throws(
    () => allowList('fs.*'),
    /^TypeError: Expected `allow` to be an array of patterns.*got "fs\.\*" \(string\)$/,
  );
  assert.throws(() => allowList([1]), /^TypeError: Expected `allow` .* got `1` \(number\)$/);
  assert.throws(() => allowList(['  ']), TypeError);
});

const frame = (name: string, path: string, more: Partial<Frame> = {}): Frame => ({
  function: name,
  path,
  line: 12,
  column: 3,
  origin: originOf(path),
  isAwaited: false,
  ...more,
});
const app = frame('loadUser', '/srv/app/src/users.js');
const readsFile = frame('readAll', '/srv/app/node_modules/reader/index.js');
const server = frame('Server.emit', 'node:events');

const STACKS: readonly [name: string, frames: readonly Frame[], message: RegExp | undefined][] = [
  ['made by the application', [app, server], /called by loadUser \(src\/users\.js:12\)\. Use fs\.promises\.stat, or/],
  [
    'made by a package for it',
    [readsFile, app, server],
    /users\.js:12\) through node_modules\/reader\/index\.js\. Use/,
  ],
  ['made through the engine', [frame('map', 'native'), app], /called by loadUser/],
  ['made by Node for it', [frame('SyncWriteStream._write', 'node:internal/fs/sync_write_stream'), app], undefined],
  ['made by a package alone', [readsFile, server], undefined],
  ['made by Node alone', [server], undefined],
  ['awaited by the application only', [readsFile, { ...app, isAwaited: true }], undefined],
  ['made while a module is loaded', [app, frame('Module._compile', 'node:internal/modules/cjs/loader')], undefined],
  [
    'made by a function without a name',
    [frame('', '/srv/app/a.mjs', { begin: { line: 1, column: 9 } })],
    /called by <anonymous>/,
  ],
  [
    'made while Vitest loads a module',
    [
      frame('', '/srv/app/a.mjs'),
      frame('VitestModuleEvaluator._runInlinedModule', '/srv/app/node_modules/vitest/a.js', { isAwaited: true }),
    ],
    undefined,
  ],
  [
    'made while Jest loads a module',
    [app, frame('Runtime._execModule', '/srv/app/node_modules/jest-runtime/build/index.js')],
    undefined,
  ],
];

for (const [name, frames, message] of STACKS) {
  test(`a call ${name} ${message === undefined ? 'may block' : 'throws'}`, () => {
    const error = judgeCall('fs.statSync', frames, { root: '/srv/app', isAllowed: () => false });
    if (message === undefined) assert.equal(error, undefined);
    else assert.match(String(error?.message), message);
    assert.equal(judgeCall('fs.statSync', frames, { root: '/srv/app', isAllowed: () => true }), undefined);
  });
}

test('the error says what to call, and how to allow it', () => {
  const error = judgeCall('fs.statSync', [app], { root: '/srv/app', isAllowed: () => false });
  assert.equal(
    error?.message,
    "fs.statSync blocks the event loop: called by loadUser (src/users.js:12). Use fs.promises.stat, or allow it: allow: ['fs.statSync in src/users.js'].",
  );
  const { name, code, call, replacement, caller } = error ?? {};
  assert.deepEqual(
    { name, code, call, replacement, caller },
    {
      name: 'BlockingCallError',
      code: 'ERR_LOOPSIGHT_BLOCKING_CALL',
      call: 'fs.statSync',
      replacement: 'fs.promises.stat',
      caller: { function: 'loadUser', file: 'src/users.js', line: 12, column: 3 },
    },
  );
});
