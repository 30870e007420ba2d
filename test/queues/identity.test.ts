// Everything that was patched, of Node and of every library, is the very same function again after `stop`.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { root, runNode } from '../support/run-node.js';

interface Said {
  /** Functions that were looked at. */
  readonly functions: number;
  /** Paths of those that are others while Loopsight runs. */
  readonly patched: readonly string[];
  /** Paths of those that still are after it was stopped. */
  readonly left: readonly string[];
}

describe('after start, use of every library, and stop', () => {
  let said: Said;
  before(async () => {
    const { stdout, stderr, code } = await runNode([join(root, 'test/libraries/programs/identity.mjs')]);
    assert.equal(code, 0, stderr);
    said = JSON.parse(stdout) as Said;
  });

  test('every function is the one that it was', () => {
    assert.ok(said.functions > 10_000, `${said.functions} functions`);
    assert.deepEqual(said.left, []);
  });

  for (const path of [
    'p-limit.default',
    'p-queue(-9)?.default.prototype.add',
    'fastq.*',
    'Tinypool.*',
    'bottleneck.*',
  ]) {
    test(`${path} was another one meanwhile`, () => {
      assert.ok(said.patched.some((patched) => new RegExp(path).test(patched)));
    });
  }
});
