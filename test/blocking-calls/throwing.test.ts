// Blocking calls throw: by a variable, by the functions, and in the tests of node:test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs, { existsSync } from 'node:fs';
import { isBuiltin, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { BlockingCallError } from '../../instrumentations/blocking-calls/throwing/blocking-call-error.js';
import {
  type BlockingCallGuard,
  type FailOnBlockingCallsOptions,
  failOnBlockingCalls,
} from '../../instrumentations/blocking-calls/throwing/fail-on-blocking-calls.js';
import { failOnBlockingCallsIn } from '../../instrumentations/blocking-calls/throwing/in-tests.js';
import { registerFiles, root, runNode } from '../support/run-node.js';

const guards = new Set<BlockingCallGuard>();
function fail(options: FailOnBlockingCallsOptions = {}): BlockingCallGuard {
  const guard = failOnBlockingCalls({ inTestFiles: true, ...options });
  guards.add(guard);
  return guard;
}
afterEach(() => {
  for (const guard of guards) guard.stop();
  guards.clear();
});

const CALLS: Readonly<Record<string, () => unknown>> = {
  'fs.existsSync': () => existsSync(process.execPath),
  'fs.readFileSync': () => fs.readFileSync('/no/such/file'),
  'child_process.spawnSync': () => spawnSync(process.execPath, ['--version']),
  'crypto.pbkdf2Sync': () => crypto.pbkdf2Sync('a', 'b', 1, 1, 'sha1'),
  'zlib.gzipSync': () => gzipSync('text'),
  'Atomics.wait': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1),
};

for (const [call, make] of Object.entries(CALLS)) {
  test(`${call} throws, and is called again after the end`, () => {
    const guard = fail();
    let thrown: BlockingCallError | undefined;
    assert.throws(make, (error: BlockingCallError) => {
      thrown = error;
      return error.call === call && error.code === 'ERR_LOOPSIGHT_BLOCKING_CALL';
    });
    assert.deepEqual(guard.calls, [thrown]);
    assert.match(String(thrown?.caller.file), /throwing\.test\.ts$/);
    assert.doesNotMatch(String(thrown?.stack), /guards|fail-on-blocking/, 'the stack begins with the caller');
    guard.stop();
    guard.stop();
    if (call === 'fs.readFileSync') assert.throws(make, { code: 'ENOENT' });
    else make();
  });
}

for (const [name, allow] of [
  ['a call', ['fs.existsSync']],
  ['a function', ['looksFor()']],
  ['a file', ['test/blocking-calls/*.test.ts']],
] as const) {
  test(`what is allowed by ${name} is called`, () => {
    fail({ allow });
    function looksFor(): boolean {
      return existsSync(process.execPath);
    }
    assert.equal(looksFor(), true);
  });
}

test('test files may block, unless they are told not to', () => {
  fail({ inTestFiles: false });
  assert.equal(existsSync(process.execPath), true);
});

test('hashes, JSON, random bytes and writes to the standard streams do not throw', () => {
  fail();
  crypto.createHash('sha1').update('a').digest('hex');
  crypto.randomBytes(8);
  JSON.parse(JSON.stringify({ a: 1 }));
  fs.writeSync(2, '');
});

test('nothing throws after the end, though somebody wrapped a call since', () => {
  const { existsSync: original } = fs;
  const guard = fail();
  const { existsSync: ours } = fs;
  fs.existsSync = (path) => ours(path);
  try {
    guard.stop();
    assert.equal(fs.existsSync(process.execPath), true);
  } finally {
    fs.existsSync = original;
    syncBuiltinESMExports();
  }
});

test('where both count and throw, all of it is put back', async () => {
  const program = `
    import { start } from 'loopsight';
    const loopsight = start({ blockingCalls: 'throw', log: false, port: 0 });
    await loopsight.endpoint;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await loopsight.stop();
    const { default: fs } = await import('node:fs');
    const { default: zlib } = await import('node:zlib');
    const { default: crypto } = await import('node:crypto');
    const left = [fs.statSync, zlib.gzipSync, crypto.pbkdf2Sync].filter((call) => /guard|timing/.test(String(call)));
    console.log(left.length, zlib.gzipSync('text').length > 0);
  `;
  const { stdout, stderr } = await runNode(['--no-warnings', '--input-type=module', '--eval', program]);
  assert.equal(stdout, '0 true\n', stderr);
});

test('where a hook failed before ours, the next test is watched all the same', () => {
  const hooks: Record<string, () => void> = {};
  const adds = (name: string) => (hook: () => void) => {
    hooks[name] = hook;
  };
  const [beforeEach, afterEach, after] = ['beforeEach', 'afterEach', 'after'].map(adds);
  assert.ok(beforeEach !== undefined && afterEach !== undefined && after !== undefined);
  guards.add(failOnBlockingCallsIn({ beforeEach, afterEach, after }, { inTestFiles: true }));
  hooks.afterEach?.();
  hooks.beforeEach?.();
  assert.throws(() => existsSync(process.execPath), { code: 'ERR_LOOPSIGHT_BLOCKING_CALL' });
  assert.throws(() => hooks.afterEach?.(), /caught the error of a blocking call: fs\.existsSync/);
  assert.equal(existsSync(process.execPath), true);
});

// Node 20 has none.
if (isBuiltin('node:sqlite')) {
  test('node:sqlite throws too, though it is loaded later, and nothing is printed for it', async () => {
    const queries = join(root, 'test/blocking-calls/fixtures/throwing/queries.mjs');
    for (const door of [
      ['--import', registerFiles.import],
      ['--require', registerFiles.require],
    ]) {
      const { stdout, stderr } = await runNode([...door, queries], { env: { LOOPSIGHT_BLOCKING_CALLS: 'throw' } });
      assert.equal(stdout, 'sqlite.DatabaseSync.exec\n', stderr);
      assert.equal(stderr, '');
    }
  });
}

test('bad options are refused', () => {
  assert.throws(() => failOnBlockingCalls({ allow: 'fs.*' as never }), /^TypeError: Expected `allow` to be an array/);
  assert.throws(() => failOnBlockingCalls({ inTestFiles: 1 as never }), /^TypeError: Expected `inTestFiles`/);
  assert.equal(fs.existsSync.toString().includes('guard'), false);
});

const fixture = join(root, 'test/blocking-calls/fixtures/throwing/node.test.mjs');
const HELPER = join(root, 'dist/esm/instrumentations/blocking-calls/throwing/in-tests.js');
const OUTCOMES = /^(ok|not ok) \d+ - (.+)$/gm;
const outcomesIn = (tap: string) =>
  Object.fromEntries([...tap.matchAll(OUTCOMES)].map(([, outcome, name]) => [name, outcome === 'ok']));

const runTap = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  runNode(['--no-warnings', '--test-reporter=tap', ...args, fixture], { env });

test('with a variable and loopsight/register, tests that block fail', async () => {
  const env = { LOOPSIGHT_BLOCKING_CALLS: 'throw' };
  for (const args of [
    ['--import', registerFiles.import],
    ['--require', registerFiles.require],
  ]) {
    // The error of what is hidden is caught by the code under test itself.
    const { stdout } = await runTap(args, { ...env, LOOPSIGHT_BLOCKING_CALLS_ALLOW: 'src/none/**' });
    assert.deepEqual(outcomesIn(stdout), {
      blocks: false,
      'blocks later': false,
      'does not block': true,
      'hides it': true,
      'loads modules': true,
      'is a helper of ours': true,
    });
    assert.match(stdout, /fs\.readFileSync blocks the event loop: called by loadSettings \(.*settings\.mjs:9\)/);
  }
});

test('with the helper, a test whose code caught the error fails too', async () => {
  const { stdout } = await runTap([], { HELPER, ALLOW: JSON.stringify(['fs.* in src/none/**']) });
  assert.deepEqual(outcomesIn(stdout), {
    blocks: false,
    'blocks later': false,
    'does not block': true,
    'hides it': false,
    'loads modules': true,
    'is a helper of ours': true,
  });
  assert.match(stdout, /caught the error of a blocking call: fs\.statSync blocks/);
});

test('an application that reads while it starts, and as it exits, is let be', async () => {
  const starting = join(root, 'test/blocking-calls/fixtures/throwing/starting.mjs');
  const args = ['--no-warnings', '--import', registerFiles.import, starting];
  const { stdout, stderr } = await runNode(args, { env: { LOOPSIGHT_BLOCKING_CALLS: 'throw' } });
  assert.equal(stdout, 'ERR_LOOPSIGHT_BLOCKING_CALL\ntrue\n', stderr);
});

test('so is a module that is compiled as it is loaded, and awaits something first', async () => {
  const compiled = join(root, 'test/blocking-calls/fixtures/throwing/compiled.mts');
  const args = ['--no-warnings', '--import', 'tsx', '--import', registerFiles.import, compiled];
  const { stdout, stderr } = await runNode(args, { env: { LOOPSIGHT_BLOCKING_CALLS: 'throw' } });
  assert.equal(stdout, 'loaded\nERR_LOOPSIGHT_BLOCKING_CALL\n', stderr);
});
