// Programs that are started with less than everything: flags that harden Node, a small heap, and rights of the permission model.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type App, createApp } from '../support/packed.js';

// Says whether lag is served, what that took, and ends with a code of its own.
const PROGRAM = `
import { current } from 'loopsight';
const alive = setInterval(() => {}, 1000);
const endpoint = await current()?.endpoint;
clearInterval(alive);
let isServed = false;
// A machine that is busy may answer the first of them without the main thread's figures.
for (let more = 20; endpoint !== undefined && more > 0 && !isServed; more--) {
  isServed = /lag_seconds_bucket/.test(await (await fetch(endpoint.url)).text());
}
console.log(endpoint === undefined ? 'no endpoint' : isServed);
process.exitCode = 3;
`;
const SERVED = { code: 3, signal: null, stdout: 'true\n', stderr: '' };
const WAYS = ['--import', '--require'] as const;

let app: App;
let program = '';
before(async () => {
  app = await createApp();
  program = app.write('program.mjs', PROGRAM);
});
after(() => app?.remove());

const FLAGS = [
  '--frozen-intrinsics',
  '--disallow-code-generation-from-strings',
  '--disable-proto=throw',
  '--disable-proto=delete',
  '--max-old-space-size=256',
  '--enable-source-maps',
  '--throw-deprecation',
  '--no-addons',
];

describe('flags of Node', { concurrency: 2 }, () => {
  for (const flag of FLAGS) {
    for (const way of WAYS) {
      test(`${flag} ${way}: serves, and nothing is said`, async () => {
        const run = await app.run(['--no-warnings', flag, way, 'loopsight/register', program]);
        assert.deepEqual(run, SERVED);
      });
    }
  }

  test('a heap limit that the application reaches ends it as without us', async () => {
    const file = app.write('leak.cjs', 'const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length));');
    const limit = ['--max-old-space-size=64'];
    const alone = await app.run([...limit, file]);
    const run = await app.run([...limit, '--import', 'loopsight/register', file]);
    assert.deepEqual({ code: run.code, signal: run.signal }, { code: alone.code, signal: alone.signal });
    assert.match(run.stderr, /JavaScript heap out of memory/);
  });
});

describe('rights', { concurrency: 2 }, () => {
  const permission = Number.parseInt(process.versions.node, 10) >= 24 ? '--permission' : '--experimental-permission';
  // A right to the network exists from Node 25 on; a right to the inspector since some releases of Node 24.
  const has = (flag: string) => process.allowedNodeEnvironmentFlags.has(flag);
  const SETS: readonly { readonly rights: readonly string[]; readonly worker: boolean }[] = [
    { rights: [], worker: false },
    { rights: ['--allow-worker'], worker: true },
    { rights: ['--allow-child-process'], worker: false },
    { rights: ['--allow-addons'], worker: false },
    { rights: ['--allow-worker', '--allow-child-process', '--allow-addons'], worker: true },
    ...(has('--allow-inspector') ? [{ rights: ['--allow-inspector', '--allow-worker'], worker: true }] : []),
  ];
  const own = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('loopsight: '));

  for (const way of WAYS) {
    for (const { rights, worker } of SETS) {
      test(`${way}, reading its own folder alone, ${rights.join(' ') || 'no right'}`, async () => {
        const net = has('--allow-net') ? ['--allow-net'] : [];
        const read = `--allow-fs-read=${join(app.folder, '*')}`;
        const args = ['--no-warnings', permission, read, ...net, ...rights, way, 'loopsight/register', program];
        const run = await app.run(args);
        assert.deepEqual({ ...run, stderr: '' }, SERVED, run.stderr);
        assert.equal(own(run.stderr).length, worker ? 0 : 1, run.stderr);
        if (!worker) assert.match(run.stderr, /^loopsight: the observer thread could not start .*restricted.*\n$/);
      });

      test(`${way}, ${rights.join(' ') || 'no right'}, a program that throws ends with its own code and words`, async () => {
        const file = app.write('throws.cjs', "console.log('before'); throw new Error('own')");
        const net = has('--allow-net') ? ['--allow-net'] : [];
        const args = ['--no-warnings', permission, `--allow-fs-read=${join(app.folder, '*')}`, ...net, ...rights];
        const run = await app.run([...args, way, 'loopsight/register', file]);
        assert.equal(run.code, 1);
        assert.equal(run.stdout, 'before\n');
        assert.match(run.stderr, /Error: own/);
      });
    }
  }
});
