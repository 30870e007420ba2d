// `loopsight tasks` as it reads what a process answers: what a terminal is shown, and how watching ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run } from '../../src/cli/tasks.js';

/** Runs the command against a socket that gives these answers, one after the other, and is closed after the last one. */
async function ask(
  t: TestContext,
  answers: readonly (readonly [status: number, body: string])[],
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'loopsight-command-'));
  const left = [...answers];
  const server = createServer((_request, response) => {
    const [status, body] = left.shift() ?? [500, ''];
    response.writeHead(status, { connection: 'close' }).end(body);
    if (left.length === 0) server.close();
  });
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, '1.sock');
  await once(server.listen(path), 'listening');
  let out = '';
  let error = '';
  const streams = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
    colour: false,
  };
  const code = await run(['--socket', path, ...args], streams);
  return { code, out, error };
}

describe('loopsight tasks', { skip: process.platform === 'win32' && 'no such sockets', concurrency: 4 }, () => {
  test('shows a terminal nothing that controls it, reorders text or hides it', async (t) => {
    const { code, out } = await ask(t, [[200, 'a\u001b[2Jb\u202ec\u200bd\u2066e\n']]);
    assert.deepEqual([code, out], [0, 'a [2Jb c d e\n']);
  });

  test('watches until the process ends', async (t) => {
    const answers = [
      [200, 'one\n'],
      [200, 'two\n'],
    ] as const;
    assert.deepEqual(await ask(t, answers, '--watch'), { code: 0, out: 'one\ntwo\n', error: '' });
  });

  test('does not take a process that answers otherwise for one that has ended', async (t) => {
    const { code, out, error } = await ask(
      t,
      [
        [200, 'one\n'],
        [503, 'busy\n'],
      ],
      '--watch',
    );
    assert.deepEqual([code, out, error], [3, 'one\n', 'The process answered with status 503.\n']);
  });
});
