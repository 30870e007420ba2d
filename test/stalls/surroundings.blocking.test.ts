// Captures leave no trace: programs say the same with them and without, in whatever surroundings they run.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { registerFiles, runNode } from '../support/run-node.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-surroundings-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const FIXTURE = 'test/fixtures/surroundings.cjs';
const empty = join(folder, 'empty.cjs');
writeFileSync(empty, '');

/** Starts Loopsight with captures as often as it can be, and appends the stalls to a file: the program shall not see them. */
const preload = join(folder, 'preload.cjs');
writeFileSync(
  preload,
  `const { appendFileSync } = require('node:fs');
const { start } = require(${JSON.stringify(registerFiles.require.replace('register.js', 'index.js'))});
const { stringify } = JSON;
const { STALLS } = process.env;
start({ port: 0, log: false, stallThresholdMs: 20, onStall: (report) => appendFileSync(STALLS, stringify(report) + '\\n') });
`,
);

interface Case {
  readonly args: readonly string[];
  readonly flags?: readonly string[];
  /** Whether the culprit must be named; otherwise it may be. */
  readonly blames?: boolean;
}

const named = (surroundings: string): Case => ({ args: ['stack', surroundings], blames: true });
const perhaps = (surroundings: string): Case => ({ args: ['stack', surroundings] });
const same = (...args: readonly string[]): Case => ({ args });

const CASES: Readonly<Record<string, Case>> = Object.fromEntries([
  ...[
    'none',
    'Error.stackTraceLimit = 0',
    'Error.prepareStackTrace that cannot be written',
    'Error.prepareStackTrace of its own',
    'Error.prepareStackTrace that throws',
    'Error.prepareStackTrace with a setter',
    'Error.captureStackTrace that throws',
    'another Error',
    'a frozen Error',
    'JSON.stringify that throws',
    'a frozen global object',
  ].map((surroundings) => [surroundings, named(surroundings)]),
  ...[
    'Error.prepareStackTrace of its own that cannot be written',
    'Symbol.for that throws',
    'Reflect and Object that throw',
    'an API of OpenTelemetry that throws',
  ].map((surroundings) => [surroundings, perhaps(surroundings)]),
  ...['realm', 'RegExp statics', 'generator', 'order', 'async context', 'finally and errors'].map((program) => [
    program,
    same(program),
  ]),
  // The stack is a text then.
  [
    'RegExp statics where Error.prepareStackTrace cannot be written',
    same('RegExp statics', 'Error.prepareStackTrace that cannot be written'),
  ],
  [
    'RegExp statics, --frozen-intrinsics',
    { args: ['RegExp statics'], flags: ['--frozen-intrinsics', '--no-warnings'] },
  ],
  ...['--frozen-intrinsics', '--disallow-code-generation-from-strings', '--disable-proto=throw'].map((flag) => [
    flag,
    { args: ['stack'], flags: [flag, '--no-warnings'], blames: true },
  ]),
]);

interface Told {
  readonly confidence: string;
  readonly culprit?: { readonly function: string };
}

/** Where the machine gave the program no processor, or the observer none, nobody is named for sure: it is run again. */
const TRIES = 6;

/** Runs a case alone and beside Loopsight, which must not show; returns what was told of its stalls. */
async function stallsIn({ args, flags = [] }: Case, stalls: string): Promise<readonly Told[]> {
  writeFileSync(stalls, '');
  const run = (file: string) => runNode([...flags, '--require', file, FIXTURE, ...args], { env: { STALLS: stalls } });
  const [alone, beside] = await Promise.all([run(empty), run(preload)]);
  assert.equal(alone.code, 0, alone.stderr);
  assert.deepEqual(beside, alone);
  const lines = readFileSync(stalls, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Told);
}

describe('captures leave no trace:', { concurrency: 3 }, () => {
  let number = 0;
  for (const [title, one] of Object.entries(CASES)) {
    test(title, async () => {
      number++;
      const file = join(folder, `stalls-${number}`);
      const isNamed = (reports: readonly Told[]) => reports.some(({ culprit }) => culprit?.function === 'culprit');
      let reports = await stallsIn(one, file);
      const isOfMachine = () =>
        reports.length === 0 ||
        (one.blames === true && !isNamed(reports) && reports.every(({ confidence }) => confidence !== 'exact'));
      for (let tries = 1; tries < TRIES && isOfMachine(); tries++) reports = await stallsIn(one, file);
      assert.notEqual(reports.length, 0);
      if (one.blames === true) assert.ok(isNamed(reports), JSON.stringify(reports));
    });
  }
});
