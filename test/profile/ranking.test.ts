// Rankings, differences and formats of small profiles, figure by figure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff } from '../../src/profile/diff.js';
import { FORMATS, formatFor } from '../../src/profile/formats.js';
import { profileFrom } from '../../src/profile/from-v8.js';
import { type RankedBy, rank, timeOf } from '../../src/profile/hot.js';
import type { Profile } from '../../src/profile/profile.js';
import { readCallgrind } from './read-callgrind.js';
import { frame, recordingOf, SAMPLE_US, type Tree, v8Profile } from './recordings.js';

const MS = SAMPLE_US;

const profileOf = (calls: readonly Tree[], root = '/srv', title = 'shop'): Profile =>
  profileFrom(recordingOf(v8Profile(calls)), { title, root });

/** even → odd → even → odd, which works; the even ones work too. */
const RECURSION: readonly Tree[] = [
  {
    frame: frame('even', '/srv/a.js', 1),
    samples: 1,
    calls: [
      {
        frame: frame('odd', '/srv/a.js', 5),
        samples: 2,
        calls: [
          {
            frame: frame('even', '/srv/a.js', 1),
            samples: 4,
            calls: [{ frame: frame('odd', '/srv/a.js', 5), samples: 8 }],
          },
        ],
      },
    ],
  },
  { frame: frame('(idle)'), samples: 100 },
];

const SHOP: readonly Tree[] = [
  {
    frame: frame('serve', '/srv/shop.js', 1),
    samples: 1,
    lines: [[3, 1]],
    calls: [
      {
        frame: frame('route', '/srv/node_modules/router/index.js', 9),
        samples: 5,
        lines: [
          [10, 3],
          [11, 1],
        ],
      },
      { frame: frame('readFileSync', 'node:fs', 400), samples: 3 },
    ],
  },
  { frame: frame('(garbage collector)'), samples: 1 },
  { frame: frame('(idle)'), samples: 30 },
];

test('a recursion counts once in the total', () => {
  const rows = rank(profileOf(RECURSION), 'function').map(({ name, selfUs, totalUs }) => [
    name,
    selfUs / MS,
    totalUs / MS,
  ]);
  assert.deepEqual(rows, [
    ['odd', 10, 14],
    ['even', 5, 15],
  ]);
});

test('callgrind: an edge to a function that is on the stack already costs nothing', () => {
  const text = String(formatFor('', 'callgrind').write(profileOf(RECURSION)));
  const { summary, functions } = readCallgrind(text);
  assert.equal(summary, 15 * MS);
  assert.deepEqual(functions.get('/srv/a.js:even'), { self: 5 * MS, calledFor: 15 * MS });
  assert.deepEqual(functions.get('/srv/a.js:odd'), { self: 10 * MS, calledFor: 14 * MS });
  // Of odd, which calls even again.
  assert.match(text, /\nfn=\(3\)\n5 10000\ncfi=\(2\)\ncfn=\(2\)\ncalls=1 1\n5 0\n/);
});

const RANKINGS: readonly [
  by: RankedBy,
  rows: readonly (readonly [name: string, place: string, self: number, total: number])[],
][] = [
  [
    'function',
    [
      ['route', 'node_modules/router/index.js:9', 5, 5],
      ['readFileSync', 'node:fs:400', 3, 3],
      ['serve', 'shop.js:1', 1, 9],
      ['(garbage collector)', '', 1, 1],
    ],
  ],
  [
    'line',
    [
      ['route', 'node_modules/router/index.js:10', 3, 3],
      ['readFileSync', 'node:fs', 3, 3],
      ['(garbage collector)', '', 1, 1],
      ['route', 'node_modules/router/index.js', 1, 1],
      ['route', 'node_modules/router/index.js:11', 1, 1],
      ['serve', 'shop.js:3', 1, 1],
    ],
  ],
  [
    'package',
    [
      ['router', '', 5, 5],
      ['node', '', 3, 3],
      ['application', '', 1, 9],
      ['engine', '', 1, 1],
    ],
  ],
  ['thread', [['main', '', 10, 10]]],
];

for (const [by, expected] of RANKINGS) {
  test(`by ${by}`, () => {
    const rows = rank(profileOf(SHOP), by).map(({ name, place, selfUs, totalUs }) => [
      name,
      place,
      selfUs / MS,
      totalUs / MS,
    ]);
    const sorted = (list: readonly (readonly unknown[])[]) => [...list].map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(sorted(rows), sorted(expected));
    const self = rows.map(([, , us]) => Number(us));
    assert.deepEqual(
      self,
      [...self].sort((a, b) => b - a),
    );
  });
}

test('only some of the threads', () => {
  const [main, worker] = [v8Profile(SHOP), v8Profile(RECURSION)];
  const profile = profileFrom(recordingOf(main, worker), { title: '', root: '/srv' });
  assert.deepEqual(
    rank(profile, 'function', [1]).map(({ name }) => name),
    ['odd', 'even'],
  );
  assert.deepEqual(timeOf(profile, [1]), { busyUs: 15 * MS, idleUs: 100 * MS });
  assert.deepEqual(
    rank(profile, 'thread').map(({ name }) => name),
    ['worker 1', 'main'],
  );
});

test('the format is the one that the name ends with, or is given', () => {
  const names: readonly [file: string, format: string][] = [
    ['out.cpuprofile', 'cpuprofile'],
    ['out.speedscope.json', 'speedscope'],
    ['out.json', 'json'],
    ['out.pb.gz', 'pprof'],
    ['OUT.HTML', 'html'],
    ['callgrind.out.4711', 'callgrind'],
    ['/a.json/out.folded', 'collapsed'],
  ];
  for (const [file, format] of names) assert.equal(formatFor(file).name, format, file);
  assert.equal(formatFor('out.json', 'speedscope').name, 'speedscope');
  assert.throws(() => formatFor('out.exe'), /^TypeError: Expected a file that ends with \.html, .*, got `out\.exe`$/);
  assert.throws(() => formatFor('out.json', 'svg'), /^TypeError: Expected a format \(html, .*json\), got `svg`$/);
  const endings = FORMATS.flatMap((format) => format.endings);
  assert.equal(new Set(endings).size, endings.length);
});

test('collapsed stacks name functions by place, and threads where there are several', () => {
  const write = formatFor('', 'collapsed').write;
  assert.equal(
    write(profileOf(SHOP)),
    `serve (shop.js:1) 1000
serve (shop.js:1);route (node_modules/router/index.js:9) 5000
serve (shop.js:1);readFileSync (node:fs:400) 3000
(garbage collector) 1000
`,
  );
  const two = profileFrom(recordingOf(v8Profile(SHOP), v8Profile(SHOP)), { title: '', root: '/srv' });
  assert.match(String(write(two)), /^main;serve .*\n(.*\n)*worker 1;serve /);
});

test('a difference knows a function again in another folder, file hash and line', () => {
  const call = (file: string, line: number, samples: number): Tree => ({ frame: frame('sell', file, line), samples });
  const other: Tree = { frame: frame('rest', '/srv/rest.js', 1), samples: 8 };
  const before = profileOf([call('/srv/v1/dist/shop-2c9f01ab.js', 3, 2), other], '/srv/v1');
  const moved = { ...other, frame: frame('rest', '/srv/rest.js', 30), samples: 24 };
  const after = profileOf([call('/srv/v2/dist/shop-77ab01c4.js', 9, 16), moved], '/srv/v2');
  const { functions, nodes, beforeBusyUs, afterBusyUs } = diff(before, after);
  const sell = functions.filter(({ name }) => name === 'sell');
  assert.equal(sell.length, 1);
  assert.deepEqual([sell[0]?.before.selfUs, sell[0]?.after.selfUs], [2 * MS, 16 * MS]);
  assert.equal(sell[0]?.place, 'dist/shop-77ab01c4.js:9');
  // From a fifth to two fifths, however long they were.
  assert.ok(Math.abs((sell[0]?.selfChange ?? 0) - 0.2) < 1e-9);
  assert.deepEqual([beforeBusyUs, afterBusyUs], [10 * MS, 40 * MS]);
  assert.deepEqual(
    nodes.slice(1).map(({ beforeSelfUs, afterSelfUs }) => [beforeSelfUs / MS, afterSelfUs / MS]),
    [
      [2, 16],
      [8, 24],
    ],
  );
});

for (const { what, before, after, expected } of [
  {
    what: 'the same code, of which others ran',
    before: [10, 50, 90],
    after: [10, 90, 120],
    expected: ['10', '90', '50 alone', '120 alone'],
  },
  {
    what: 'lines that have moved with the named function above them',
    before: [3, 10, 50],
    after: [10, 17],
    expected: ['3→10', '10→17', '50 alone'],
  },
  { what: 'nothing to go by but their order', before: [10, 50], after: [12, 60], expected: ['10→12', '50→60'] },
]) {
  test(`functions without names: ${what}`, () => {
    const calls = (lines: readonly number[], named: number): Tree[] => [
      { frame: frame('named', '/srv/a.js', named), samples: 1 },
      ...lines.map((line) => ({ frame: frame('', '/srv/a.js', line, 7), samples: line })),
    ];
    const moved = what.startsWith('lines') ? 7 : 0;
    const { functions } = diff(profileOf(calls(before, 1)), profileOf(calls(after, 1 + moved)));
    const told = functions
      .filter(({ name }) => name === '')
      .map(({ before: from, after: to }) => {
        const [was, is] = [from.selfUs / MS, to.selfUs / MS];
        if (was === 0 || is === 0) return `${was + is} alone`;
        return was === is ? `${was}` : `${was}→${is}`;
      });
    assert.deepEqual(told.sort(), [...expected].sort());
  });
}
