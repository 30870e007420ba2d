// A program that Node profiles or counts itself, recorded: what Node tells of it stays what it was.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { countsFrom } from '../../src/profile/coverage.js';
import { readCoverage } from '../../src/profile/read-coverage.js';
import { createSources } from '../../src/profile/sources.js';
import { root, runNode } from '../support/run-node.js';
import { nodes } from '../support/target.js';
import { read, shareOf } from './shares.js';

const CLI = join(root, 'dist/esm/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'loopsight-counted-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CALLS = 100;
const program = join(folder, 'counted.cjs');
// Longer than the first windows are.
writeFileSync(
  program,
  `function counted() {
  const end = performance.now() + 10;
  while (performance.now() < end);
}
let calls = 0;
(function turn() {
  counted();
  if (++calls < ${CALLS}) setImmediate(turn);
})();
`,
);
/** The start of Node is the rest; a busy machine is slow at that, and what counts here ends by the clock. */
const AT_LEAST = 0.2;
const RECORDED = /^[^\n]*\.json: [^\n]* samples of 1 thread\n$/;

for (const [version, node] of nodes()) {
  test(`lines of a recorded program are counted exactly: Node ${version}`, async () => {
    const coverage = join(folder, `coverage-${version}`);
    const file = join(folder, `counted-${version}.json`);
    const run = await runNode([CLI, 'record', '-o', file, '--', node, program], {
      env: { NODE_V8_COVERAGE: coverage },
    });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, RECORDED);
    assert.ok(shareOf(read(file), 'counted') > AT_LEAST);
    const counts = countsFrom(readCoverage(coverage), { sources: createSources(), fromStart: true }).get(program);
    assert.equal(counts?.get(2), CALLS);
    assert.equal(counts?.get(5), 1);
  });

  test(`a program with --cpu-prof is recorded, and writes its own profile: Node ${version}`, async () => {
    const profiles = join(folder, `profiles-${version}`);
    const file = join(folder, `profiled-${version}.json`);
    const run = await runNode([
      CLI,
      'record',
      '-o',
      file,
      '--',
      node,
      '--cpu-prof',
      '--cpu-prof-dir',
      profiles,
      program,
    ]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, RECORDED);
    assert.ok(shareOf(read(file), 'counted') > AT_LEAST);
    assert.equal(readdirSync(profiles).length, 1);
  });
}
