// Valgrind's reader of Callgrind's format.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { requireTool } from '../support/external-tools.js';

/** Whether it can be run; as `requireTool`. It ends with an error after it has told its version. */
export function requireAnnotate(t: TestContext): boolean {
  const isThere = spawnSync('callgrind_annotate', ['--version']).error === undefined;
  return isThere || requireTool(t, 'callgrind_annotate', 'valgrind');
}

/** What it says of a file with this text, all functions of it. Throws where it warns of anything. */
export function annotated(folder: string, text: string, options: readonly string[]): string {
  const file = join(folder, 'callgrind.out.1');
  writeFileSync(file, text);
  const args = ['--threshold=100', ...options, file];
  const { stdout, stderr, status } = spawnSync('callgrind_annotate', args, { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout;
}
