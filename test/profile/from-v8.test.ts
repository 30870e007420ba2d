// Recordings of V8 as profiles: times, places, packages, source maps, and what V8 gets wrong.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { profileFrom } from '../../src/profile/from-v8.js';
import { originOfFile, packageOfFile } from '../../src/profile/packages.js';
import type { Profile } from '../../src/profile/profile.js';
import { frame, recordingOf, SAMPLE_US, v8Profile } from './recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'loopsight-from-v8-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS = { title: 'shop', root: folder };

const named = ({ functions }: Profile, name: string) => functions.find((code) => code.name === name);

function selfOf({ functions, threads }: Profile, name: string): number {
  const nodes = threads.flatMap((thread) => thread.nodes);
  return nodes.filter((node) => functions[node.function]?.name === name).reduce((sum, { selfUs }) => sum + selfUs, 0);
}

test('whose code a file is', () => {
  const files: readonly [file: string, origin: string, name: string][] = [
    ['/srv/shop/src/cart.js', 'application', ''],
    ['/srv/shop/node_modules/express/lib/router.js', 'package', 'express'],
    ['/srv/shop/node_modules/@acme/cart/index.js', 'package', '@acme/cart'],
    ['/srv/shop/node_modules/a/node_modules/b/c.js', 'package', 'b'],
    ['/srv/node_modules/.pnpm/x@1.0.0/node_modules/x/i.js', 'package', 'x'],
    ['C:\\shop\\node_modules\\express\\router.js', 'package', 'express'],
    ['webpack://shop/./node_modules/lodash/map.js', 'package', 'lodash'],
    ['node:internal/timers', 'node', 'node'],
    ['', 'engine', ''],
    ['native', 'engine', ''],
    ['/srv/node_modules', 'application', ''],
    ['evalmachine.<anonymous>', 'application', ''],
    ['wasm://wasm/5f1c', 'application', ''],
  ];
  for (const [file, origin, name] of files)
    assert.deepEqual([originOfFile(file), packageOfFile(file)], [origin, name], file);
});

test('a sample stands for the time until the next one, in whatever order they came', () => {
  const nodes = [
    { id: 1, callFrame: frame('(root)'), children: [2, 3] },
    { id: 2, callFrame: frame('a', '/a.js', 1), hitCount: 2 },
    { id: 3, callFrame: frame('b', '/b.js', 1), hitCount: 1 },
  ];
  // At 100, 400 and 200 of 1000.
  const samples = [2, 3, 2];
  const profile = { nodes, samples, timeDeltas: [100, 300, -200], startTime: 7000, endTime: 8000 };
  const read = profileFrom(recordingOf(profile), OPTIONS);
  const [thread] = read.threads;
  assert.equal(thread?.startUs, 100);
  assert.deepEqual(thread?.sampleUs, [100, 200, 600]);
  assert.deepEqual([selfOf(read, 'a'), selfOf(read, 'b')], [300, 600]);
  assert.equal(read.durationUs, 1000);
});

test('a thread that began later stands where it began, on the clock of the process', () => {
  const main = v8Profile([{ frame: frame('serve', '/srv/a.js', 1), samples: 9 }]);
  const worker = v8Profile([{ frame: frame('carve', '/srv/b.js', 1), samples: 4 }]);
  const late = { ...worker, startTime: main.startTime + 7000, endTime: main.startTime + 11_000 };
  const { threads, durationUs } = profileFrom(recordingOf(main, late), { title: 'shop', root: '/srv' });
  assert.deepEqual(
    threads.map(({ startUs }) => startUs),
    [0, 7000],
  );
  assert.equal(durationUs, 11_000);
});

test('without samples their number is their time', () => {
  const nodes = [
    { id: 1, callFrame: frame('(root)'), children: [2] },
    { id: 2, callFrame: frame('a', '/a.js', 1), hitCount: 3 },
  ];
  assert.equal(selfOf(profileFrom(recordingOf({ nodes, startTime: 0, endTime: 9 }), OPTIONS), 'a'), 3 * SAMPLE_US);
});

test('idle time, the engine, Node and evaluated code are told apart', () => {
  const profile = profileFrom(
    recordingOf(
      v8Profile([
        { frame: frame('(idle)'), samples: 1 },
        { frame: frame('(garbage collector)'), samples: 1 },
        { frame: frame('readFileSync', 'node:fs', 400), samples: 1 },
        { frame: { ...frame('made', '', 1), scriptId: '98' }, samples: 1 },
      ]),
    ),
    OPTIONS,
  );
  const origins = profile.functions.map(({ name, origin }) => [name, origin]);
  assert.deepEqual(origins.slice(1), [
    ['(idle)', 'idle'],
    ['(garbage collector)', 'engine'],
    ['readFileSync', 'node'],
    ['made', 'application'],
  ]);
});

test('lines that the file does not have are dropped, and their time stays', () => {
  const file = join(folder, 'short.js');
  writeFileSync(file, 'function hot() {\n  work();\n\n}\n');
  const lines = [
    [2, 6],
    [3, 1],
    [40, 3],
  ] as const;
  const tree = { frame: frame('hot', file, 1), samples: 10, lines };
  const { threads } = profileFrom(recordingOf(v8Profile([tree])), OPTIONS);
  const node = threads[0]?.nodes[1];
  assert.equal(node?.selfUs, 10 * SAMPLE_US);
  assert.deepEqual(node?.lines, [[2, 6 * SAMPLE_US]]);
});

test('lines of a file that cannot be read are believed', () => {
  const tree = { frame: frame('hot', '/not/there.js', 1), samples: 4, lines: [[3, 4]] as const };
  assert.deepEqual(profileFrom(recordingOf(v8Profile([tree])), OPTIONS).threads[0]?.nodes[1]?.lines, [
    [3, 4 * SAMPLE_US],
  ]);
});

test('what V8 keeps apart is one function: addresses and paths, siblings of one frame', () => {
  const file = join(folder, 'both.js');
  const call = (url: string) => ({ frame: frame('twice', url, 3), samples: 1 });
  const profile = profileFrom(recordingOf(v8Profile([call(file), call(pathToFileURL(file).href)])), OPTIONS);
  assert.equal(profile.threads[0]?.nodes.length, 2);
  assert.equal(selfOf(profile, 'twice'), 2 * SAMPLE_US);
});

test('a note says what inlining does, once, and only where V8 made the recording', () => {
  const noteOf = (nodeVersion: string) => profileFrom({ ...recordingOf(), nodeVersion, notes: ['x.'] }, OPTIONS).notes;
  for (const version of ['v20.20.2', 'v22.23.3', 'v24.21.0', 'v26.10.0']) {
    assert.equal(noteOf(version).length, 2);
    assert.match(noteOf(version)[1] ?? '', /inlined/);
  }
  assert.deepEqual(noteOf(''), ['x.']);
});

test('source maps: names, places, lines and packages are those of the sources', async () => {
  mkdirSync(join(folder, 'src/node_modules/tool'), { recursive: true });
  writeFileSync(
    join(folder, 'src/node_modules/tool/index.ts'),
    'export const tool = (x: number): number => {\n  return x * 2;\n};\n',
  );
  writeFileSync(
    join(folder, 'src/main.ts'),
    `import { tool } from 'tool';

interface Item { price: number }

export function sell(item: Item): number {
  const price: number = item.price;
  return tool(price);
}
console.log(sell({ price: 1 }));
`,
  );
  const outfile = join(folder, 'dist/main.mjs');
  await build({
    entryPoints: [join(folder, 'src/main.ts')],
    bundle: true,
    format: 'esm',
    sourcemap: true,
    outfile,
    logLevel: 'silent',
  });
  const generated = readFileSync(outfile, 'utf8').split('\n');
  const lineOf = (part: string) => generated.findIndex((line) => line.includes(part)) + 1;
  const url = pathToFileURL(outfile).href;
  const sellLine = lineOf('function sell');
  const sellColumn = (generated[sellLine - 1] ?? '').indexOf('(') + 1;
  const toolLine = lineOf('tool = ');
  const toolColumn = (generated[toolLine - 1] ?? '').indexOf('(x') + 1;
  const tree = {
    frame: frame('sell', url, sellLine, sellColumn),
    samples: 6,
    lines: [
      [lineOf('const price'), 4],
      [lineOf('return x * 2'), 2],
    ] as const,
    calls: [
      { frame: frame('tool', url, toolLine, toolColumn), samples: 3, lines: [[lineOf('return x * 2'), 3]] as const },
    ],
  };
  const recording = recordingOf(v8Profile([tree]));
  const profile = profileFrom(recording, OPTIONS);
  const [sell, tool] = [named(profile, 'sell'), named(profile, 'tool')];
  assert.equal(sell?.file, join(folder, 'src/main.ts'));
  assert.deepEqual([sell?.line, sell?.origin, sell?.package], [5, 'application', '']);
  assert.equal(tool?.file, join(folder, 'src/node_modules/tool/index.ts'));
  assert.deepEqual([tool?.line, tool?.origin, tool?.package], [1, 'package', 'tool']);
  const nodes = profile.threads[0]?.nodes ?? [];
  // The ticks of the other file, which was inlined, are none of this one's.
  assert.deepEqual(nodes[1]?.lines, [[6, 4 * SAMPLE_US]]);
  assert.deepEqual(nodes[2]?.lines, [[2, 3 * SAMPLE_US]]);

  const plain = profileFrom(recording, { ...OPTIONS, mapped: false });
  assert.equal(named(plain, 'sell')?.file, outfile);
  assert.equal(named(plain, 'sell')?.line, sellLine);
});

test('the functions of a large bundle are found in seconds', async () => {
  const source = Array.from(
    { length: 8000 },
    (_, at) => `export function named${at}(value) {\n  return value + "${'t'.repeat(480)}";\n}\n`,
  );
  writeFileSync(join(folder, 'src/large.ts'), source.join(''));
  const outfile = join(folder, 'dist/large.mjs');
  await build({ entryPoints: [join(folder, 'src/large.ts')], bundle: true, format: 'esm', sourcemap: true, outfile });
  const generated = readFileSync(outfile, 'utf8').split('\n');
  const url = pathToFileURL(outfile).href;
  const calls = generated.flatMap((text, at) => {
    const name = /^function (\w+)/.exec(text)?.[1];
    return name === undefined ? [] : [{ frame: frame(name, url, at + 1, text.indexOf('(') + 1), samples: 1 }];
  });
  const recording = recordingOf(v8Profile(calls.slice(-1500)));
  const before = process.cpuUsage();
  const { functions } = profileFrom(recording, OPTIONS);
  const { user, system } = process.cpuUsage(before);
  assert.equal(functions.filter(({ file }) => file.endsWith('src/large.ts')).length, 1500);
  assert.ok(user + system < 5e6, `${user + system} us`);
});
