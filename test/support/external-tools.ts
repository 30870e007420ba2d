// Programs that npm does not bring: a test that needs one is skipped by name where it is missing, and fails under CI=true.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { root } from './instrumented.js';

/** Debian's Python, which finds Debian's modules; another one first in PATH would not. */
export const PYTHON = '/usr/bin/python3';

/**
 * Whether `command` can be run; where not, skips the test with the Debian package to install, or throws when CI=true.
 *
 * @example
 * ```ts
 * if (!requireTool(t, 'promtool', 'prometheus')) return;
 * ```
 */
export function requireTool(t: TestContext, command: string, debianPackage: string): boolean {
  return require(t, command, debianPackage, spawnSync(command, ['--version']).status === 0);
}

/** The same for a module of Debian's Python. */
export function requirePythonModule(t: TestContext, module: string, debianPackage: string): boolean {
  const found = spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
  return require(t, `the Python module ${module}`, debianPackage, found);
}

/**
 * The folder with Prometheus 3's `prometheus` and `promtool`, which `npm test` unpacks; where they are missing, undefined,
 * and the test is skipped or fails as `requireTool` says.
 */
export function requirePrometheus3(t: TestContext): string | undefined {
  const folder = join(root, '.cache/prometheus-3');
  const found = spawnSync(join(folder, 'prometheus'), ['--version']).status === 0;
  return require(t, 'Prometheus 3', 'prometheus (of a newer Debian)', found) ? folder : undefined;
}

function require(t: TestContext, what: string, debianPackage: string, found: boolean): boolean {
  if (found) return true;
  const sentence = `${what} is missing: apt-get install ${debianPackage}`;
  if (process.env.CI === 'true') throw new Error(sentence);
  t.skip(sentence);
  return false;
}
