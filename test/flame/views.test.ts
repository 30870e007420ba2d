// What the graph is drawn from: trees by caller, by callee and in time, searches and sums, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Code, codesOf, keyOf } from '../../browser/flame/codes.js';
import { legendOf } from '../../browser/flame/colours.js';
import { type DiffTree, type DiffWidth, diffCalls } from '../../browser/flame/diff-tree.js';
import { focusOn } from '../../browser/flame/focus.js';
import { sumFunctions } from '../../browser/flame/hottest.js';
import { frameAt, neighbour } from '../../browser/flame/navigate.js';
import { matchedTime, searchCodes } from '../../browser/flame/search.js';
import { clamped, zoomed } from '../../browser/flame/span.js';
import { at, type Tree } from '../../browser/flame/tree.js';
import { type ViewOptions, viewCallers, viewCalls, viewTime } from '../../browser/flame/views.js';
import { flameData } from '../../src/profile/flame/flame-data.js';
import type { Profile } from '../../src/profile/profile.js';
import { type MadeCall, madeProfile } from './made-profile.js';

const IDLE: MadeCall = { name: '(idle)', origin: 'idle', selfUs: 500 };
/** `main` calls `parse` twice, once through Node's own code; the time in between is idle. */
const CALLS: readonly MadeCall[] = [
  { name: 'handle', calls: [{ name: 'parse', package: 'ajv', selfUs: 30 }] },
  IDLE,
  {
    name: 'handle',
    selfUs: 10,
    calls: [{ name: 'emit', package: 'node', selfUs: 20, calls: [{ name: 'parse', package: 'ajv', selfUs: 40 }] }],
  },
];

/** Frames as lines: indentation, name, start and width. */
function lines(tree: Tree, codes: readonly Code[]): readonly string[] {
  const all = tree.rows.flatMap((row) => [...row]);
  return all
    .map((frame) => ({ frame, depth: at(tree.depth, frame), start: at(tree.start, frame) }))
    .sort((one, other) => one.start - other.start || one.depth - other.depth)
    .map(({ frame, depth, start }) => {
      const name = codes[at(tree.code, frame)]?.name;
      return `${' '.repeat(depth)}${name} ${round(start)} ${round(at(tree.total, frame))}`;
    });
}

const round = (value: number) => Number(value.toFixed(6));

function viewed(profile: Profile, options: Partial<ViewOptions> = {}) {
  const data = flameData(profile);
  const threads = new Set(data.threads.map((_, place) => place));
  return { data, codes: codesOf(data), options: { threads, foldNode: false, ...options } };
}

test('calls of one function are one frame, wide ones stand first, and idle time is left out', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS }));
  assert.deepEqual(lines(viewCalls(data, codes, options), codes), [
    'main 0 100',
    ' handle 0 100',
    '  emit 0 60',
    '   parse 0 40',
    '  parse 60 30',
  ]);
});

test('time of Node’s own code can be that of its callers', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS }), { foldNode: true });
  assert.deepEqual(lines(viewCalls(data, codes, options), codes), ['main 0 100', ' handle 0 100', '  parse 0 70']);
});

test('threads are beside each other, and one that is left out is gone', () => {
  const profile = madeProfile({ main: CALLS, '[worker 1] resize': [{ name: 'resize', selfUs: 300 }] });
  const both = viewed(profile);
  assert.deepEqual(lines(viewCalls(both.data, both.codes, both.options), both.codes).slice(0, 3), [
    'Everything 0 400',
    ' [worker 1] resize 0 300',
    '  resize 0 300',
  ]);
  const one = viewed(profile, { threads: new Set([1]) });
  assert.deepEqual(lines(viewCalls(one.data, one.codes, one.options), one.codes), [
    '[worker 1] resize 0 300',
    ' resize 0 300',
  ]);
});

test('callers stand above the functions whose own time it was', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS }));
  const tree = viewCallers(viewCalls(data, codes, options), codes);
  assert.deepEqual(lines(tree, codes), [
    'Everything 0 100',
    ' parse 0 70',
    '  emit 0 40',
    '   handle 0 40',
    '  handle 40 30',
    ' emit 70 20',
    '  handle 70 20',
    ' handle 90 10',
  ]);
});

test('in time, frames stand where they were seen, and idle time is a gap', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS, other: [{ name: 'work', selfUs: 7 }] }));
  assert.deepEqual(lines(viewTime(data, codes, options), codes), [
    'main 0 600',
    ' handle 0 30',
    '  parse 0 30',
    '     other 0 7',
    '      work 0 7',
    ' handle 530 70',
    '  emit 540 60',
    '   parse 560 40',
  ]);
});

test('one function alone: what it calls and who calls it, wherever it is; a recursion counts once', () => {
  const walk: MadeCall = {
    name: 'walk',
    selfUs: 5,
    calls: [{ name: 'walk', selfUs: 6, calls: [{ name: 'leaf', selfUs: 4 }] }],
  };
  const profile = madeProfile({
    main: [
      { name: 'first', calls: [walk] },
      { name: 'second', selfUs: 100, calls: [{ name: 'walk', selfUs: 1 }] },
    ],
  });
  const { data, codes, options } = viewed(profile);
  const calls = viewCalls(data, codes, options);
  const focus = codes.findIndex(({ name }) => name === 'walk');
  assert.deepEqual(lines(focusOn(calls, codes, focus, 'calls'), codes), ['walk 0 16', ' walk 0 10', '  leaf 0 4']);
  assert.deepEqual(lines(focusOn(calls, codes, focus, 'callers'), codes), ['walk 0 16', ' first 0 15', ' second 15 1']);
  assert.deepEqual(sumFunctions(calls).get(focus), { code: focus, self: 12, total: 16 });
});

test('a match within a match counts once', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS }));
  const tree = viewCalls(data, codes, options);
  const share = (query: string) => {
    const found = searchCodes(codes, query);
    return found === undefined ? undefined : matchedTime(tree, found.codes);
  };
  assert.equal(share('PARSE'), 70);
  assert.equal(share('/^(emit|parse)$/'), 90);
  assert.equal(share('node_modules/ajv'), 70);
  assert.equal(share('nothing of it'), 0);
  assert.equal(share('  '), undefined);
  assert.equal(share('/(/'), 0, 'an expression that is not finished is a text');
});

test('keys lead to neighbours, and a place to the frame that is there', () => {
  const { data, codes, options } = viewed(madeProfile({ main: CALLS }));
  const tree = viewCalls(data, codes, options);
  const name = (frame: number | undefined) => (frame === undefined ? undefined : codes[at(tree.code, frame)]?.name);
  const emit = frameAt(tree, 2, 59) ?? -1;
  assert.equal(name(emit), 'emit');
  assert.equal(name(neighbour(tree, emit, 'next')), 'parse');
  assert.equal(name(neighbour(tree, emit, 'previous')), 'emit');
  assert.equal(name(neighbour(tree, emit, 'parent')), 'handle');
  assert.equal(name(neighbour(tree, emit, 'child')), 'parse');
  assert.equal(name(frameAt(tree, 2, 60)), 'parse', 'where one ends, the next begins');
  assert.equal(frameAt(tree, 2, 95), undefined);
  assert.equal(frameAt(tree, 9, 1), undefined);
});

test('what is in sight stays within the graph, and what is pointed at stays where it is', () => {
  assert.deepEqual(clamped({ from: -5, to: 5 }, 100), { from: 0, to: 10 });
  assert.deepEqual(clamped({ from: 95, to: 105 }, 100), { from: 90, to: 100 });
  assert.deepEqual(clamped({ from: -50, to: 500 }, 100), { from: 0, to: 100 });
  assert.deepEqual(zoomed({ from: 0, to: 100 }, 25, 0.5, 100), { from: 12.5, to: 62.5 });
});

test('the application’s code and Node’s have colours of their own, and no two of the dearest packages share one', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
  const calls = names.map((name, place) => ({ name, package: name, selfUs: 100 - place }));
  const { codes } = viewed(madeProfile({ main: [...calls, { name: 'own', selfUs: 1 }] }));
  const legend = legendOf(codes, new Map(codes.map((_, place) => [place, 1])), 'package');
  const hues = legend.filter(({ name }) => names.includes(name)).map(({ paint }) => paint.hue);
  assert.equal(new Set(hues).size, names.length);
  assert.ok(!hues.includes(legend.find(({ name }) => name === 'Your code')?.paint.hue ?? -1));
});

/** Frames of a difference: path, share before, share after. */
function changes({ tree, codes, compared }: DiffTree): ReadonlyMap<string, readonly [number, number]> {
  const names: string[] = [];
  for (let frame = 0; frame < tree.count; frame++) {
    const parent = tree.parent[frame] ?? -1;
    names.push(`${parent < 0 ? '' : `${names[parent]}/`}${codes[at(tree.code, frame)]?.name}`);
  }
  return new Map(
    names.map((name, frame) => [name, [round(at(compared.beforeTotal, frame)), round(at(compared.afterTotal, frame))]]),
  );
}

const BEFORE = madeProfile({
  main: [
    {
      name: 'handle',
      calls: [
        { name: 'render', selfUs: 60 },
        { name: 'old', selfUs: 40 },
      ],
    },
    IDLE,
  ],
});
// Twice as long and its functions in another order: shares are compared, and names.
const AFTER = madeProfile({
  main: [
    { name: 'fresh', selfUs: 20 },
    { name: 'handle', calls: [{ name: 'render', selfUs: 180 }] },
  ],
});
const diffed = (width: DiffWidth) => diffCalls(flameData(BEFORE), flameData(AFTER), width, { foldNode: false });

test('a difference is of shares, and has what only one of both has', () => {
  assert.deepEqual(
    changes(diffed('both')),
    new Map([
      ['Everything', [1, 1]],
      ['Everything/main', [1, 1]],
      ['Everything/main/fresh', [0, 0.1]],
      ['Everything/main/handle', [1, 0.9]],
      ['Everything/main/handle/render', [0.6, 0.9]],
      ['Everything/main/handle/old', [0.4, 0]],
    ]),
  );
});

test('a difference is as wide as both, or as one of them', () => {
  const widthOf = (width: DiffWidth, name: string) => {
    const { tree, codes } = diffed(width);
    const frame = [...tree.code].findIndex((code) => codes[code]?.name === name);
    return round(at(tree.total, frame));
  };
  assert.equal(widthOf('both', 'old'), 0.2);
  assert.equal(widthOf('before', 'old'), 0.4);
  assert.equal(widthOf('after', 'old'), 0);
  assert.equal(widthOf('after', 'render'), 0.9);
});

test('threads are compared by their names without their numbers, and functions without a name by their callers', () => {
  const side = (worker: string, padding: readonly MadeCall[]) =>
    madeProfile({
      main: [...padding, { name: 'caller', calls: [{ name: '<anonymous>', selfUs: 50 }] }],
      [worker]: [{ name: 'resize', selfUs: 50 }],
    });
  // Another function before it moves the one without a name to another line.
  const before = flameData(side('[worker 3] pool', []));
  const after = flameData(side('[worker 9] pool', [{ name: 'more' }]));
  const { tree, codes, compared } = diffCalls(before, after, 'both', { foldNode: false });
  const moved = [...tree.code].findIndex((code) => codes[code]?.name === '<anonymous>');
  assert.deepEqual([at(compared.beforeTotal, moved), at(compared.afterTotal, moved)], [0.5, 0.5]);
  assert.equal(codes[at(tree.code, moved)]?.line, 4, 'it is shown where it is now');
  const all = [...changes({ tree, codes, compared })];
  assert.deepEqual(all.find(([name]) => name.endsWith('/resize'))?.[1], [0.5, 0.5]);
});

test('codes of one profile are told apart', () => {
  const { codes } = viewed(madeProfile({ main: CALLS }));
  assert.equal(new Set(codes.map(keyOf)).size, codes.length);
});
