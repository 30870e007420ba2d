// Bun and Deno: the host runs on, what works is served, and what they do not allow is one line.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type App, createApp, installTool } from '../support/packed.js';

const PROGRAM = `
import 'loopsight/register';
import { current, queueMonitor, traced } from 'loopsight';
const alive = setInterval(() => {}, 1000);
const endpoint = await current()?.endpoint;
clearInterval(alive);
const mail = queueMonitor('mail');
mail.added();
traced('charge', () => 1)();
if (endpoint === undefined) console.log('no endpoint');
else {
  const text = await (await fetch(endpoint.url)).text();
  const parts = ['loopsight_eventloop_lag_seconds_bucket', 'code_function_name="charge"', 'queue_name="mail"', 'process_uptime_seconds'];
  console.log(parts.every((part) => text.includes(part)));
  mail.added(); // A queue that nobody holds is forgotten with its series.
}
process.exitCode = 3;
`;
const SERVED = { code: 3, signal: null, stdout: 'true\n', stderr: '' };

let app: App;
before(async () => {
  app = await createApp();
  app.write('program.mjs', PROGRAM);
  app.write('plain.mjs', "import 'loopsight/register'; console.log('host'); process.exitCode = 4;");
});
after(() => app?.remove());

const skipped = process.platform !== 'linux' || process.arch !== 'x64' ? 'tested on Linux x64 alone' : false;

describe('Bun', { skip: skipped }, () => {
  let command = '';
  before(async () => {
    command = join(await installTool('bun'), 'node_modules/@oven/bun-linux-x64/bin/bun');
  });

  test('serves lag, functions and queues', async () => {
    assert.deepEqual(await app.run(['program.mjs'], { command }), SERVED);
  });

  test('ends with the program', async () => {
    assert.deepEqual(await app.run(['plain.mjs'], { command }), {
      code: 4,
      signal: null,
      stdout: 'host\n',
      stderr: '',
    });
  });
});

describe('Deno', { skip: skipped }, () => {
  let command = '';
  const deno = (rights: readonly string[], file: string) =>
    app.run(['run', '--no-prompt', ...rights, file], { command, env: { NO_COLOR: '1' } });
  before(async () => {
    command = join(await installTool('deno'), 'node_modules/@deno/linux-x64-glibc/deno');
  });

  for (const rights of [['-A'], ['--allow-env', '--allow-net=127.0.0.1']]) {
    test(`${rights.join(' ')}: serves lag, functions and queues`, async () => {
      assert.deepEqual(await deno(rights, 'program.mjs'), SERVED);
    });
  }

  const REFUSED = {
    '': /^loopsight: nothing is measured .*\n$/,
    '--allow-env': /^loopsight: there is no endpoint .*\n$/,
  };
  for (const [right, line] of Object.entries(REFUSED)) {
    const rights = right === '' ? [] : [right];
    test(`${right || 'no right'}: one line, and the host runs on`, async () => {
      const plain = await deno(rights, 'plain.mjs');
      assert.deepEqual({ code: plain.code, stdout: plain.stdout }, { code: 4, stdout: 'host\n' }, plain.stderr);
      const run = await deno(rights, 'program.mjs');
      assert.deepEqual({ code: run.code, stdout: run.stdout }, { code: 3, stdout: 'no endpoint\n' }, run.stderr);
      assert.match(run.stderr, line);
    });
  }
});
