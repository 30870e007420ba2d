// Which frame of a stack is to blame, and what it was running.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { culpritIndex, leafIndex, originOf, placeOf, readFrames } from '../../../src/stalls/blame/frames.js';
import { APP, frame } from '../made-evidence.js';

describe('the culprit', () => {
  interface Case {
    readonly stack: readonly string[];
    readonly culprit: number;
    readonly leaf: number;
  }
  const CASES: Readonly<Record<string, Case>> = {
    'of code of the application is its innermost frame': { stack: ['a src/a.js', 'b src/b.js'], culprit: 0, leaf: -1 },
    'below a package is its caller': { stack: ['map node_modules/l/m.js', 'a src/a.js'], culprit: 1, leaf: 0 },
    'below functions of Node is their caller': {
      stack: ['spawnSync node:internal/child_process', 'execSync node:child_process', 'a src/a.js'],
      culprit: 2,
      leaf: 1,
    },
    'of packages alone is the innermost of them': {
      stack: ['emit node:events', 'map node_modules/l/m.js', 'run node_modules/r/r.js'],
      culprit: 1,
      leaf: 0,
    },
    'of Node alone is the innermost of it': { stack: ['JSON.parse native', 'emit node:events'], culprit: 1, leaf: 0 },
    'without a name is the named caller': { stack: [' src/a.js', 'each src/b.js'], culprit: 1, leaf: 0 },
    'without a name that the engine called is its named caller': {
      stack: [' src/a.js', 'sort native', 'rank src/a.js'],
      culprit: 2,
      leaf: 1,
    },
    'without a name that Node called stays without one': {
      stack: [' src/a.js', 'emit node:events', 'rank src/a.js'],
      culprit: 0,
      leaf: -1,
    },
    'without any name stays without one': { stack: [' src/a.js', ' src/b.js'], culprit: 0, leaf: -1 },
    'ran: its caller that only awaits it did not': {
      stack: ['a src/a.js', 'b src/b.js awaited'],
      culprit: 0,
      leaf: -1,
    },
    'is who awaits a package': { stack: ['map node_modules/l/m.js', 'a src/a.js awaited'], culprit: 1, leaf: 0 },
    'without a name is not who awaits it': { stack: [' src/a.js', 'b src/b.js awaited'], culprit: 0, leaf: -1 },
    'is nobody where there is no stack': { stack: [], culprit: -1, leaf: -1 },
    'is nobody where there is the engine alone': { stack: ['JSON.parse native'], culprit: -1, leaf: -1 },
  };
  for (const [what, { stack, culprit, leaf }] of Object.entries(CASES)) {
    test(what, () => {
      const frames = readFrames(stack.map(frame));
      const found = culpritIndex(frames);
      assert.equal(found, culprit);
      assert.equal(leafIndex(frames, found), leaf);
    });
  }
});

describe('code', () => {
  const ORIGINS: Readonly<Record<string, string>> = {
    '/srv/shop/src/a.js': 'application',
    '/srv/shop/node_modules/a/i.js': 'package',
    'C:\\shop\\node_modules\\a\\i.js': 'package',
    '/srv/my_node_modules/a.js': 'application',
    'node:fs': 'node',
    native: 'engine',
    '<anonymous>': 'engine',
    '': 'engine',
    'evalmachine.<anonymous>': 'application',
  };
  for (const [path, origin] of Object.entries(ORIGINS)) {
    test(`in ${path === '' ? 'no file' : path} is of the ${origin}`, () => assert.equal(originOf(path), origin));
  }
});

test('a frame is read and named', () => {
  const [read] = readFrames([['', `file://${APP}/src/a%20b.mjs?v=1`, 3, 5, true, 2, 1]]);
  assert.ok(read !== undefined);
  const { origin, isAwaited, begin } = read;
  assert.deepEqual(
    { origin, isAwaited, begin },
    { origin: 'application', isAwaited: true, begin: { line: 2, column: 1 } },
  );
  assert.deepEqual(placeOf(read, APP), { function: '<anonymous>', file: 'src/a b.mjs', line: 3, column: 5 });
});
