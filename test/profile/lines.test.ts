// The lines that the time went to, how often they ran, and the command that shows both.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/cli/lines.js';
import { countsFrom } from '../../src/profile/coverage.js';
import { formatFor } from '../../src/profile/formats.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { timeOf } from '../../src/profile/hot.js';
import { hotLines } from '../../src/profile/lines.js';
import { linesText } from '../../src/profile/lines-text.js';
import { readCoverage } from '../../src/profile/read-coverage.js';
import { createSources } from '../../src/profile/sources.js';
import { runNode } from '../support/run-node.js';
import { startTarget } from '../support/target.js';
import { frame, recordingOf, v8Profile } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const shop = write('shop.js', `${Array.from({ length: 20 }, (_, index) => `\tline(${index + 1});`).join('\n')}\n`);
const steering = write('node_modules/tool/index.js', 'a("\u001b[2J\u202e");\nb();\n');
const PROFILE = profileFrom(
  recordingOf(
    v8Profile([
      {
        frame: frame('sell', shop, 1),
        samples: 80,
        lines: [
          [5, 60],
          [15, 16],
        ],
      },
      { frame: frame('tool', steering, 1), samples: 20, lines: [[1, 20]] },
      { frame: frame('(idle)'), samples: 900 },
    ]),
  ),
  { title: 'shop', root: folder },
);
const { busyUs } = timeOf(PROFILE);

const COUNTED = `// Counted from its first line on.
function even(n) {
  let found = 0;
  for (let i = 0; i < n; i++) {
    if (i % 2 === 0) {
      found += 1;
    } else {
      never(i < 0);
    }
  }
  return found;
}

const never = (is) => {
  /* in a comment,
     not counted */
  if (is) throw new Error('never');
};

export function unused() {
  return 1;
}

for (let round = 0; round < 10; round++) even(1000);
const end = performance.now() + 100;
while (performance.now() < end);
`;

/** What of that ran how often, by line. */
const COUNTS: readonly (readonly [line: number, count: number | undefined])[] = [
  [1, undefined],
  [2, 10],
  [3, 10],
  [5, 10_000],
  [6, 5000],
  [8, 5000],
  [10, undefined],
  [11, 10],
  [13, undefined],
  [15, undefined],
  [16, undefined],
  [17, 5000],
  [20, 0],
  [21, 0],
  [24, 1],
];

test('the hot lines of the application stand with the lines around them', () => {
  const files = hotLines(PROFILE, { sources: createSources() });
  assert.equal(
    linesText(files, { busyUs, counted: false }),
    `shop.js: 80 ms, 80 % of the time
      Time   Share   Line
                        3      line(3);
                        4      line(4);
     60 ms    60 %      5      line(5);
                        6      line(6);
                        7      line(7);
                        …
                       13      line(13);
                       14      line(14);
     16 ms    16 %     15      line(15);
                       16      line(16);
                       17      line(17);
      4 ms     4 %  in lines that are not shown or not known
`,
  );
});

test('another file is shown whole where it is asked for, and steers no terminal', () => {
  const [file, ...others] = hotLines(PROFILE, { sources: createSources(), file: 'tool/index' });
  assert.deepEqual([file?.file, file?.origin, others.length], ['node_modules/tool/index.js', 'package', 0]);
  assert.deepEqual(
    file?.lines.map(({ line }) => line),
    [1, 2, 3],
  );
  const text = linesText(file === undefined ? [] : [file], { busyUs, counted: true });
  assert.match(text, /20 ms {4}20 % +1 {2}a\(" \[2J "\);\n/);
});

test('counts from the first line on are exact', async () => {
  const program = write('counted.mjs', COUNTED);
  const coverage = join(folder, 'coverage');
  const { code, stderr } = await runNode(
    ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-name', 'counted.cpuprofile', program],
    {
      env: { NODE_V8_COVERAGE: coverage },
    },
  );
  assert.equal(code, 0, stderr);
  const counts = countsFrom(readCoverage(coverage), { sources: createSources(), fromStart: true }).get(program);
  for (const [line, count] of COUNTS) assert.equal(counts?.get(line), count, `line ${line}`);

  const recording = join(folder, 'counted.cpuprofile');
  const shown = await command([recording, '--coverage', coverage, '--root', folder, '--file', 'counted', '--json']);
  assert.equal(shown.code, 0, shown.error);
  const { files } = JSON.parse(shown.out) as { files: { file: string; lines: { line: number; count?: number }[] }[] };
  assert.equal(files[0]?.file, 'counted.mjs');
  assert.deepEqual(
    COUNTS.map(([line]) => [line, files[0]?.lines[line - 1]?.count]),
    COUNTS,
  );
});

test('of a process that runs, what is counted is exact, and the rest has no number', async () => {
  const each = Array.from({ length: 3000 }, (_, index) => `function f${index}() {\n  return ${index};\n}`).join('\n');
  const list = Array.from({ length: 3000 }, (_, index) => `f${index}`).join(', ');
  const program = write(
    'fresh.mjs',
    `${each}
const all = [${list}];
let next = 0;
function turn() {
  const fresh = all[next++];
  for (let call = 0; call < 3; call++) fresh?.();
  const end = performance.now() + 5;
  while (performance.now() < end);
}
console.log('ready');
setInterval(turn, 10);
`,
  );
  const target = await startTarget(program);
  try {
    const { code, out, error } = await command([
      String(target.pid),
      '--counts',
      '--duration',
      '1s',
      '--file',
      'fresh.mjs',
      '--json',
    ]);
    assert.equal(code, 0, error);
    const { files } = JSON.parse(out) as { files: { lines: { line: number; count?: number }[] }[] };
    const bodies = files[0]?.lines.filter(({ line }) => line <= 9000 && line % 3 === 2) ?? [];
    const counted = bodies.filter(({ count }) => count !== undefined && count > 0);
    assert.ok(counted.length > 10, `${counted.length} were counted`);
    assert.deepEqual(
      counted.filter(({ count }) => count !== 3),
      [],
    );
    assert.ok(counted.length < bodies.length);
    // What ran before was compiled before, and how often it is called says nothing once it is optimized.
    assert.deepEqual(
      files[0]?.lines.filter(({ line, count }) => line > 9000 && count !== undefined),
      [],
    );
  } finally {
    await target.kill();
  }
});

test('our own recordings are read, and their notes are told', async () => {
  const file = join(folder, 'out.json');
  writeFileSync(file, formatFor(file).write(PROFILE));
  const { code, out, error } = await command([file]);
  assert.deepEqual([code, out.split('\n')[0]], [0, 'shop.js: 80 ms, 80 % of the time']);
  assert.match(error, /^Note: Time of functions that V8 had inlined/);
  assert.equal(
    (await command([file, '--file', 'nowhere'])).out,
    'No code ran in a file with "nowhere" in its path while it was recorded.\n',
  );
});

test('that more files have time than are shown is said', async () => {
  const calls = Array.from({ length: 6 }, (_, at) => ({
    frame: frame('f', join(folder, `a${at}.js`), 1),
    samples: 1 + at,
  }));
  const file = join(folder, 'files.json');
  writeFileSync(file, formatFor(file).write(profileFrom(recordingOf(v8Profile(calls)), { title: '', root: folder })));
  const { out, error } = await command([file]);
  assert.deepEqual(out.match(/^a\d/gm), ['a5', 'a4', 'a3', 'a2', 'a1']);
  assert.match(error, /^Note: Time went to more than these 5 files; --file shows others\.$/m);
  assert.doesNotMatch((await command([file, '--file', 'a0'])).error, /more than these/);
});

const WRONG: readonly [argv: readonly string[], said: RegExp][] = [
  [[], /one recording or process, got 0/],
  [['a.json', 'b.json'], /got 2/],
  [['out.json', '--counts'], /a recording and `--counts` do not go together/],
  [['4711', '--coverage', 'x'], /a process and `--coverage` do not go together/],
  [['4711', '--duration', 'long'], /--duration/],
];

for (const [argv, said] of WRONG) {
  test(`wrong usage: ${argv.join(' ')}`, () => assert.rejects(command(argv), { name: 'UsageError', message: said }));
}

test('what cannot be read is said in a sentence', async () => {
  const [missing, uncovered] = [join(folder, 'missing.json'), join(folder, 'empty')];
  mkdirSync(uncovered);
  assert.deepEqual(await command([missing]).then(({ code }) => code), 3);
  const file = join(folder, 'out.json');
  writeFileSync(file, formatFor(file).write(PROFILE));
  const { code, error } = await command([file, '--coverage', uncovered]);
  assert.equal(code, 3);
  assert.match(error, /has no coverage-….json of NODE_V8_COVERAGE in it\.\n$/);
});

async function command(argv: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await run(argv, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    colour: false,
  });
  return { code, out, error };
}
