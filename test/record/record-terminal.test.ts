// `loopsight record` at a terminal: progress, Ctrl-C, what is typed.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../support/run-node.js';
import { startTarget } from '../support/target.js';
import { openPseudoTerminal, requirePseudoTerminals } from '../top/pseudo-terminal.js';
import { read, shareOf } from './shares.js';

const CLI = join(root, 'dist/esm/src/cli/main.js');
/** Where the commands put what they need for a while: it must be empty behind them. */
const temporary = mkdtempSync(join(tmpdir(), 'loopsight-left-'));
after(() => rmSync(temporary, { recursive: true, force: true }));
const folder = mkdtempSync(join(tmpdir(), 'loopsight-records-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const env = { TMPDIR: temporary };
const programPath = (name: string) => join(root, 'test/record/programs', name);

test('Ctrl-C ends the recording of a process early and writes it; progress is drawn on a terminal', async (t) => {
  if (!requirePseudoTerminals(t)) return;
  const target = await startTarget('shares.mjs');
  t.after(() => target.kill());
  const file = join(folder, 'early-end.json');
  const command = [process.execPath, CLI, 'record', String(target.pid), '--duration', '5m', '-o', file];
  const terminal = await openPseudoTerminal(command, { env });
  t.after(() => terminal.kill());
  await terminal.until(
    (text) => /Recording process \d+ \[-+\] [1-9].* of 300 s; Ctrl-C ends it early/.test(text),
    'progress',
  );
  terminal.type('\u0003');
  assert.equal((await terminal.ended).code, 0, terminal.written());
  assert.ok(shareOf(read(file), 'largest') > 0.3);
  assert.equal(target.child.exitCode, null);
});

test('Ctrl-C at a terminal reaches a program after what it did was written', async (t) => {
  if (!requirePseudoTerminals(t)) return;
  const file = join(folder, 'terminal.json');
  const program = [process.execPath, programPath('service.cjs')];
  const terminal = await openPseudoTerminal([process.execPath, CLI, 'record', '-o', file, '--', ...program], { env });
  t.after(() => terminal.kill());
  await terminal.until((text) => /ready/.test(text), 'the program');
  terminal.type('\u0003');
  assert.equal((await terminal.ended).code, 130, terminal.written());
  assert.equal(read(file).threads.length, 1, terminal.written());
  assert.deepEqual(readdirSync(temporary), []);
});

test('a program at a terminal reads what is typed', async (t) => {
  if (!requirePseudoTerminals(t)) return;
  const code = `console.log('asks', process.stdin.isTTY, process.stdout.columns);
    process.stdin.once('data', (data) => { console.log('got ' + data); process.exit(5); });`;
  const command = [process.execPath, CLI, 'record', '--', process.execPath, '-e', code];
  const terminal = await openPseudoTerminal(command, { env, columns: 99 });
  t.after(() => terminal.kill());
  await terminal.until((text) => /asks true 99/.test(text), 'the question');
  terminal.type('an answer\n');
  await terminal.until((text) => /got an answer/.test(text), 'the answer');
  assert.equal((await terminal.ended).code, 5, terminal.written());
});
