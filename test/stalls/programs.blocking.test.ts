// Runs programs that block their loops, each with a known culprit, and judges what /metrics says of them from outside.
// Here a few of them; all of them, five stalls each, with `LOOPSIGHT_STALL_PROGRAMS=all` (about five minutes), on the Node
// that runs the test, and with `LOOPSIGHT_PROFILE=on` while they are profiled; a folder in the place of `all` is that of other programs of the same kind.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/prometheus.js';
import { type ProgramRun, runProgram } from './run-program.js';
import { type Score, scoreOf, totalOf } from './score.js';

const THRESHOLD_MS = 100;
const ACCURACY = 0.95;
/** With as many as there are processors, the observers would have none. */
const AT_ONCE = 2;
const OWN = join(import.meta.dirname, 'programs');
/** One of each kind: script, native calls, I/O, waiting, floods, collections, awaits, workers, names. */
const FEW = [
  'async-resumed.mjs',
  'atomics-wait.mjs',
  'bundled.mjs',
  'exec-sync.mjs',
  'gc-pressure.mjs',
  'import-slow.mjs',
  'json-parse.mjs',
  'pbkdf2-sync.mjs',
  'promise-flood.mjs',
  'short-callbacks.mjs',
  'typescript.mts',
  'worker-exec-sync.mjs',
  'worker-first-message.mjs',
  'worker-loop.mjs',
];

const asked = process.env.LOOPSIGHT_STALL_PROGRAMS;
const folder = asked === undefined || asked === 'all' ? OWN : asked;
const files =
  asked === undefined
    ? FEW
    : readdirSync(folder).filter((name) => /^(?!harness|slow-|in-worker).*\.m?[jt]s$/.test(name));
const env: Readonly<Record<string, string>> = {
  ...(asked === undefined
    ? { STALL_EVERY_MS: '400', STALL_COUNT: '3', STALL_LINGER_MS: '900' }
    : { STALL_EVERY_MS: '700', STALL_COUNT: '5', STALL_LINGER_MS: '1200' }),
  LOOPSIGHT_PROFILE: process.env.LOOPSIGHT_PROFILE ?? 'off',
};

const timeout = asked === undefined ? 180_000 : 1_200_000;
test('stalls are counted, and name what caused them', { concurrency: AT_ONCE, timeout }, async (t) => {
  const scores = new Map<string, Score>();
  await Promise.all(
    files.map((name) =>
      t.test(name, async (t) => {
        const run = await runProgram(join(folder, name), await freePort(), env);
        const score = scoreOf(run, THRESHOLD_MS);
        scores.set(basename(name), score);
        t.diagnostic(describe(run, score));
        assert.equal(run.exitCode, 0);
        assert.equal(run.stderr, '');
        assert.equal(score.found, score.long, `stalls were missed: ${describe(run, score)}`);
        assert.ok(score.long > 0, 'a program that does not stall says nothing');
      }),
    ),
  );
  const { long, found, counted, right } = totalOf([...scores.values()]);
  t.diagnostic(`Node ${process.versions.node}, ${scores.size} programs: recall ${found} of ${long}`);
  t.diagnostic(`accuracy ${right} of ${counted}, ${((100 * right) / counted).toFixed(1)} %`);
  assert.equal(found, long, 'every stall over twice the threshold is counted');
  assert.ok(right >= ACCURACY * counted, `${right} of ${counted} counted stalls name the right function`);
});

test('two culprits that alternate have their shares of the blocked time', { timeout: 60_000 }, async () => {
  const file = join(OWN, 'two-culprits.mjs');
  const { counted } = await runProgram(file, await freePort(), { ...env, STALL_MS: '300', STALL_COUNT: '6' });
  const secondsOf = (name: string) =>
    counted.reduce((all, stall) => all + (stall.function === name ? stall.seconds : 0), 0);
  const share = secondsOf('buildFeed') / counted.reduce((all, { seconds }) => all + seconds, 0);
  assert.ok(Math.abs(share - 0.7) <= 0.1, `${share} of the time is ascribed to the code that took 0.7 of it`);
});

function describe({ truth, counted }: ProgramRun, { long, found, right }: Score): string {
  const lengths = truth.map(({ ms }) => Math.round(ms)).join(', ');
  const said = counted
    .map((stall) => `${stall.stalls} × ${stall.cause} ${stall.function} on ${stall.thread}`)
    .join('; ');
  return `${found} of ${long} found, ${right} right; true [${lengths}] ms, counted: ${said}`;
}
