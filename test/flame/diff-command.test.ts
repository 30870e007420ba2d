// `loopsight diff`: a table of what became dearer and cheaper, and a page, of two recordings.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/cli/diff.js';
import { writeCpuProfile } from '../../src/profile/cpuprofile.js';
import { writeJson } from '../../src/profile/json.js';
import { type MadeCall, madeProfile } from './made-profile.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-diff-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const MS = 1000;
const IDLE: MadeCall = { name: '(idle)', origin: 'idle', selfUs: 5000 * MS };
const profileOf = (title: string, calls: readonly MadeCall[]) => madeProfile({ main: calls }, { title });
writeFileSync(
  at('before.json'),
  writeJson(
    profileOf('before.json', [
      { name: 'handle', selfUs: 400 * MS, calls: [{ name: 'parse', package: 'ajv', selfUs: 600 * MS }] },
      IDLE,
    ]),
  ),
);
// Twice as much in all: shares are compared, not times.
writeFileSync(
  at('after.cpuprofile'),
  writeCpuProfile(
    profileOf('after', [
      { name: 'handle', selfUs: 600 * MS, calls: [{ name: 'parse', package: 'ajv', selfUs: 1200 * MS }] },
      { name: '\u001b[2Jevil', selfUs: 200 * MS },
    ]),
  ),
);

async function diff(...argv: readonly string[]) {
  let [out, error] = ['', ''];
  const streams = {
    out(text: string) {
      out += text;
    },
    error(text: string) {
      error += text;
    },
    colour: false,
  };
  const code = await run(argv, streams);
  return { code, out, error };
}

test('functions stand by how much more or less of the time they took', async () => {
  const { code, out, error } = await diff(at('before.json'), at('after.cpuprofile'));
  assert.deepEqual({ code, error }, { code: 0, error: '' });
  assert.match(out, /^before\.json \(1 s busy\) → after\.cpuprofile \(2 s busy\)\n/);
  assert.match(out, /Dearer\n {3}0\.0 % {3}10\.0 % {3}\+10\.0 {2}\[2Jevil {2}src\/app\.js:\d+ \(only after\)\n/);
  assert.match(out, /Cheaper\n {2}40\.0 % {3}30\.0 % {3}−10\.0 {2}handle {2}src\/app\.js:2\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f]/);
});

test('with what was called, and only as many as asked for', async () => {
  const { out } = await diff(at('before.json'), at('after.cpuprofile'), '--by', 'total', '--top', '1');
  assert.match(out, /Cheaper\n 100\.0 % {3}90\.0 % {3}−10\.0 {2}handle/);
});

test('all differences as JSON', async () => {
  const { out } = await diff(at('before.json'), at('after.cpuprofile'), '--json');
  const { beforeBusyUs, afterBusyUs, functions } = JSON.parse(out) as {
    beforeBusyUs: number;
    afterBusyUs: number;
    functions: { name: string; selfChange: number }[];
  };
  assert.deepEqual([beforeBusyUs, afterBusyUs].map(Math.round), [1000 * MS, 2000 * MS]);
  assert.equal(functions.find(({ name }) => name === 'handle')?.selfChange.toFixed(3), '-0.100');
});

test('the page is written where it was asked for', async () => {
  const page = at('out/diff.html');
  const { code } = await diff(at('before.json'), at('after.cpuprofile'), '-o', page);
  assert.equal(code, 0);
  assert.ok(existsSync(page));
  assert.ok(readFileSync(page, 'utf8').length > 0);
});

test('what cannot be read or written is said, and ends with 3', async () => {
  assert.deepEqual(await diff(at('before.json'), at('nowhere')), {
    code: 3,
    out: '',
    error: `${at('nowhere')} could not be read: ENOENT: no such file or directory.\n`,
  });
  const { code, error } = await diff(at('before.json'), at('after.cpuprofile'), '-o', at('before.json/x.html'));
  assert.equal(code, 3);
  assert.match(error, /could not be written/);
});

for (const argv of [
  [],
  ['one'],
  ['a', 'b', 'c'],
  ['a', 'b', '--by', 'x'],
  ['a', 'b', '--top', '0'],
  ['a', 'b', '--what'],
]) {
  test(`wrong usage is refused: ${argv.join(' ')}`, async () => {
    await assert.rejects(run(argv, { out() {}, error() {}, colour: false }));
  });
}

test('the help has examples', async () => {
  const { code, out } = await diff('--help');
  assert.equal(code, 0);
  assert.ok((out.match(/^ {2}loopsight diff /gm) ?? []).length >= 2);
});
