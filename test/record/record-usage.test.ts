// What `loopsight record` refuses, each in a sentence.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../src/cli/commands.js';
import { root, runNode } from '../support/run-node.js';

const CLI = join(root, 'dist/esm/src/cli/main.js');
/** Where the commands put what they need for a while: it must be empty behind them. */
const temporary = mkdtempSync(join(tmpdir(), 'loopsight-left-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

for (const { what, args, said } of [
  { what: 'nothing to record', args: [], said: /Expected the id of one process, or `--` and a program/ },
  { what: 'both', args: ['1', '--', 'node'], said: /Expected the id of one process/ },
  { what: 'no program', args: ['--'], said: /Expected the id of one process/ },
  { what: 'no id', args: ['app.js'], said: /Expected the id of a process, got "app\.js"/ },
  { what: 'a file of no format', args: ['1', '-o', 'out.xyz'], said: /Expected a file that ends with/ },
  { what: 'a format that is none', args: ['1', '-o', 'x', '--format', 'y'], said: /Expected a format/ },
  { what: 'a format without a file', args: ['1', '--format', 'html'], said: /`--format` needs a file/ },
  { what: 'too long a time', args: ['1', '--duration', '2h'], said: /`--duration` to be a duration/ },
  { what: 'an interval that is none', args: ['1', '--sample-interval', '1'], said: /`--sample-interval`/ },
  { what: 'threads that are none', args: ['1', '--threads', '2'], said: /`--threads` to be all or main/ },
  {
    what: 'more samples than a process can hand over',
    args: ['1', '--duration', '10m', '--sample-interval', '100us'],
    said: /Expected at most 600,000 samples of a thread: a shorter `--duration`/,
  },
  { what: 'a process that is not there', args: ['999999999'], said: /There is no process 999999999\.\n$/ },
]) {
  test(`a sentence and exit code 2 for ${what}`, async () => {
    const told = { out: '', error: '' };
    const streams = {
      out: (text: string) => {
        told.out += text;
      },
      error: (text: string) => {
        told.error += text;
      },
      colour: false,
    };
    assert.equal(await runCommand(['record', ...args], streams), 2);
    assert.match(told.error, said);
    assert.equal(told.out, '');
  });
}

for (const { what, args, said, code, TMPDIR = temporary } of [
  { what: 'a folder that is not there', args: ['1', '-o', '/none/out.html'], said: /cannot be written/, code: 3 },
  { what: 'a program that is not there', args: ['--', 'no-such-program'], said: /could not be started/, code: 3 },
  { what: 'a program that is no Node', args: ['--', 'true'], said: /Nothing was recorded: .* exit code 0/, code: 3 },
  { what: 'one that fails and is no Node', args: ['--', 'false'], said: /Nothing was .* exit code 1/, code: 1 },
  {
    what: 'no place for temporary files',
    args: ['--', 'true'],
    TMPDIR: '/none/there',
    said: /^The program was not started: no folder for what it tells can be made in \/none\/there \(ENOENT\)\.\n$/,
    code: 3,
  },
]) {
  test(`a sentence and exit code ${code} for ${what}`, async () => {
    const run = await runNode([CLI, 'record', ...args], { env: { TMPDIR } });
    assert.match(run.stderr, said);
    assert.equal(run.code, code);
    assert.equal(run.stdout, '');
    assert.deepEqual(readdirSync(temporary), []);
  });
}
