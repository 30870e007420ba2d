// What is said of locks: long holds and likely deadlocks with the code of both sides, and updates that are lost.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { registerFiles, root, runWithoutStalls } from '../support/run-node.js';

const FILE = 'test/locks/programs/bank.mjs';

/** What the program says on standard error when it does that. */
async function said(what: string, holdThresholdMs: number): Promise<string[]> {
  const { code, stderr } = await runWithoutStalls(['--import', registerFiles.import, join(root, FILE), what], {
    env: { LOOPSIGHT_LOCK_ORDER: 'on', LOOPSIGHT_LOCK_HOLD_THRESHOLD_MS: `${holdThresholdMs}` },
  });
  assert.equal(code, 0, stderr);
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('{') ? JSON.parse(line).message : line));
}

const place = (name: string) => `${name} \\(${FILE.replaceAll('.', '\\.')}:\\d+\\)`;

/** Of the others no hold is long, however slow the machine is. */
const HOLD_FOR_LONG: ReadonlySet<string> = new Set(['long', 'helper', 'deadlock']);

const CASES: readonly { readonly what: string; readonly says: readonly string[] }[] = [
  {
    what: 'long',
    says: [
      `^lock accounts held for \\d+ ms by ${place('holdForLong')}; 1 waits for it, ${place('waitForIt')} for \\d+ ms$`,
    ],
  },
  {
    what: 'helper',
    says: [
      `^lock accounts held for \\d+ ms by ${place('underLock')} from ${place('settleDay')}; 1 waits for it, ${place('underLock')} from ${place('showBalance')} for \\d+ ms$`,
    ],
  },
  {
    what: 'order',
    says: [
      `^likely deadlock: accounts, then ledger in ${place('transfer')}; ledger, then accounts in ${place('compare')}$`,
    ],
  },
  {
    what: 'deadlock',
    says: [
      `^likely deadlock: accounts, then ledger in ${place('transfer')}; ledger, then accounts in ${place('compare')}; each waits for the other right now$`,
      `^lock accounts held for \\d+ ms by ${place('transfer')}; 1 waits for it, ${place('compare')} for \\d+ ms$`,
      `^lock ledger held for \\d+ ms by ${place('audit')}; 1 waits for it, ${place('transfer')} for \\d+ ms$`,
    ],
  },
  {
    what: 'timeouts',
    says: [`^likely deadlock: accounts, then ledger in ${place('post')}; ledger, then accounts in ${place('settle')}$`],
  },
  { what: 'same order', says: [] },
  { what: 'guarded', says: [] },
  {
    what: 'lost',
    says: [
      `^loopsight: lost update of account\\.balance: ${place('credit')} read it, ${place('debit')} wrote it, ${place('credit')} wrote over that$`,
    ],
  },
  { what: 'kept', says: [] },
];

for (const { what, says } of CASES) {
  test(`${what}: ${says.length} lines`, async () => {
    const lines = (await said(what, HOLD_FOR_LONG.has(what) ? 100 : 30_000)).sort();
    assert.equal(lines.length, says.length, lines.join('\n'));
    for (const [index, pattern] of [...says].sort().entries()) assert.match(lines[index] ?? '', new RegExp(pattern));
  });
}
