// Under the permission model a session without the inspector's right ends the process: nothing may connect then.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { registerFiles, runNode } from '../support/run-node.js';

const flags = process.allowedNodeEnvironmentFlags;
const PERMISSION = flags.has('--permission') ? '--permission' : '--experimental-permission';
const NEEDED = [
  '--allow-fs-read=*',
  '--allow-worker',
  '--no-warnings',
  ...(flags.has('--allow-net') ? ['--allow-net'] : []),
];
const INSPECTOR = '--allow-inspector';
const ENVIRONMENT = { LOOPSIGHT_STALL_THRESHOLD_MS: '20', LOOPSIGHT_LOG: 'off' };

/** Says how often the capture function was called in a second of blocking, and scrapes nothing. */
const BLOCKS = `
const key = Symbol.for('loopsight.capture');
let captures = 0;
setTimeout(() => {
  const original = globalThis[key];
  if (original) Object.defineProperty(globalThis, key, { value: () => { captures++; return original(); }, configurable: true });
  const until = performance.now() + 1000;
  while (performance.now() < until);
  console.log(captures > 0 ? 'captured' : 'left alone');
  setTimeout(() => process.exit(3), 50);
}, 500);
`;

const run = (...more: readonly string[]) =>
  runNode([PERMISSION, ...NEEDED, ...more, '--require', registerFiles.require, '-e', BLOCKS], { env: ENVIRONMENT });

describe('under the permission model', { concurrency: 2 }, () => {
  test('without the right to the inspector, nothing connects and the program lives', async () => {
    const { code, signal, stdout, stderr } = await run();
    assert.deepEqual({ code, signal, stdout, stderr }, { code: 3, signal: null, stdout: 'left alone\n', stderr: '' });
  });

  test('and one who connects ends the process there, so that the test above would show it', () => {
    const connects = `new (require('node:worker_threads').Worker)(\`
      const session = new (require('node:inspector').Session)();
      session.connectToMainThread();
    \`, { eval: true });`;
    const { status, signal } = spawnSync(process.execPath, [PERMISSION, ...NEEDED, '-e', connects]);
    assert.ok(signal === 'SIGABRT' || (status !== null && status !== 0), `${signal} ${status}`);
  });

  // Node before 24 has no such right.
  if (flags.has(INSPECTOR)) {
    test('with the right, stalls are captured', async () => {
      const { code, stdout } = await run(INSPECTOR);
      assert.deepEqual({ code, stdout }, { code: 3, stdout: 'captured\n' });
    });
  }
});
