// Programs that are interrupted for a capture every few milliseconds, which is far more often than in stalls, say the same as
// alone.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-transparency-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAMS = [
  'a computation',
  'texts of stacks',
  'what was matched last',
  'ids of asynchronous resources',
  'asynchronous contexts',
  'Express and prom-client',
  'the compiler of TypeScript',
];
/** On a busy machine they are fewer than one in three milliseconds. */
const LEAST_CAPTURES = 5;

describe('says the same under captures:', () => {
  for (const program of PROGRAMS) {
    test(program, async (t) => {
      const captures = join(folder, program);
      const args = ['test/fixtures/interrupted.cjs', program];
      const [alone, interrupted] = await Promise.all([
        runNode(args),
        runNode(['--require', './test/fixtures/interrupting.cjs', ...args], { env: { CAPTURES: captures } }),
      ]);
      assert.equal(alone.code, 0, alone.stderr);
      assert.notEqual(alone.stdout, '');
      assert.deepEqual(interrupted, alone);
      const taken = Number(readFileSync(captures, 'utf8'));
      t.diagnostic(`${taken} captures`);
      assert.ok(taken >= LEAST_CAPTURES, `${taken} captures`);
    });
  }
});
