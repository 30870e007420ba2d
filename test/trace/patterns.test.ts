// What can be written in LOOPSIGHT_TRACE, and the names that are near to others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveOptions } from '../../src/options.js';
import { expressionOf, fixedFolder, splitList } from '../../src/trace-patterns/glob.js';
import { nearestNames } from '../../src/trace-patterns/nearest-names.js';
import { parsePattern } from '../../src/trace-patterns/patterns.js';

const READ: readonly (readonly [entry: string, module: object, path: readonly string[]])[] = [
  ['./dist/db.js#query', { kind: 'file', glob: './dist/db.js' }, ['query']],
  ['./dist/handlers/**', { kind: 'file', glob: './dist/handlers/**' }, ['*']],
  ['**/*.handler.js#default', { kind: 'file', glob: '**/*.handler.js' }, ['default']],
  ['/srv/app/db.js#*', { kind: 'file', glob: '/srv/app/db.js' }, ['*']],
  ['C:\\app\\db.js#*', { kind: 'file', glob: 'C:/app/db.js' }, ['*']],
  ['pkg#Client.prototype.send', { kind: 'package', name: 'pkg', file: undefined }, ['Client', 'prototype', 'send']],
  ['@scope/pkg/lib/a.js#b', { kind: 'package', name: '@scope/pkg', file: 'lib/a.js' }, ['b']],
  ['express#handlers', { kind: 'handlers', framework: 'express' }, ['handlers']],
  ['express#Router', { kind: 'package', name: 'express', file: undefined }, ['Router']],
];

for (const [entry, module, path] of READ) {
  test(`${entry} is read`, () => {
    const pattern = parsePattern(entry, 'trace');
    assert.deepEqual([pattern.module, pattern.path, pattern.isExcluding], [module, path, false]);
  });
}

test('an exclamation mark leaves out', () => {
  assert.equal(parsePattern('!./a.js#b', 'trace').isExcluding, true);
});

for (const entry of [
  '#query',
  './a.js#',
  './a.js#b#c',
  './a.js#b..c',
  'not a package',
  '.hidden',
  'node:fs#readFile',
]) {
  test(`"${entry}" is refused, with the name of the variable`, () => {
    assert.throws(() => resolveOptions({}, { LOOPSIGHT_TRACE: entry }), {
      name: 'TypeError',
      message: new RegExp(`LOOPSIGHT_TRACE.*${entry.replaceAll(/[.*]/g, '\\$&')}`),
    });
  });
}

test('the option and the variable give the same list', () => {
  const entries = ['./a.js#{b,c}', 'express#handlers'];
  assert.deepEqual(resolveOptions({ trace: entries }, {})?.trace, entries);
  assert.deepEqual(resolveOptions({}, { LOOPSIGHT_TRACE: ' ./a.js#{b,c} , express#handlers,' })?.trace, entries);
  assert.deepEqual(resolveOptions({}, {})?.trace, []);
  assert.throws(() => resolveOptions({ trace: './a.js' as never }, {}), TypeError);
});

const GLOBS: readonly (readonly [glob: string, matching: readonly string[], others: readonly string[]])[] = [
  ['a/*.js', ['a/b.js', 'a/.js'], ['a/b/c.js', 'a/b.jsx', 'a/bxjs']],
  ['a/**', ['a/b', 'a/b/c.js'], ['a', 'b/a/c']],
  ['a/**/c.js', ['a/c.js', 'a/b/c.js', 'a/b/b/c.js'], ['a/bc.js', 'ac.js']],
  ['a/?.{js,mjs}', ['a/b.js', 'a/b.mjs'], ['a/bb.js', 'a/b.cjs', 'a//.js']],
  ['a[1]+(b).js', ['a[1]+(b).js'], ['a1b.js']],
];

for (const [glob, matching, others] of GLOBS) {
  test(`${glob} as a glob`, () => {
    const matches = (path: string) => expressionOf(glob).test(path);
    assert.deepEqual(matching.filter(matches), matching);
    assert.deepEqual(others.filter(matches), []);
  });
}

test('the folder that all matches are below', () => {
  assert.equal(fixedFolder('/a/b/**/c.js'), '/a/b');
  assert.equal(fixedFolder('/a/b/c.js'), '/a/b');
  assert.equal(fixedFolder('/a/b*/c.js'), '/a');
});

test('commas in braces separate nothing', () => {
  assert.deepEqual(splitList('a, {b,c} ,, d'), ['a', '{b,c}', 'd']);
});

test('near names: missing, wrong and swapped letters, best first', () => {
  assert.deepEqual(nearestNames('qurey', ['insert', 'query', 'jury', 'Query2']), ['query', 'Query2', 'jury']);
  assert.deepEqual(nearestNames('query', ['completelyDifferent']), []);
});
