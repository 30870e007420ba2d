// Which exports of an ES module can be told, by its code alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listeningLines } from '../../src/loading/es-exports.js';

const CASES: readonly [code: string, exports: readonly string[], stars?: number][] = [
  ['export default function create() {}', ['default=create*']],
  ['export default class Queue extends Other {', ['default=Queue*']],
  ['export default async function* run() {}', ['default=run*']],
  ['export function* run() {}', ['run=run*']],
  ['export const one = 1;\nexport let two = 2;', ['one=one*', 'two=two*']],
  ['export default class extends Other {}', []],
  ['export default () => 1;', []],
  ['export default create;', ['default=create']],
  ['export default new Queue();', []],
  ['function a() {}\nexport { a as b, a as default };', ['b=a*', 'default=a*']],
  ['const a=1;export{a as b};', ['b=a*']],
  ['export { a as "a b", /* c */ d };', []],
  [`export { default as Queue } from './queue.js';`, ['Queue=loopsight$0.default']],
  [`export { Queue } from 'other';`, []],
  [`export { Queue } from './missing.js';`, []],
  [`export * from './queue.js';`, [], 1],
  ['// export default function create() {}\n/*\n export { a as b }\n*/', ['b=a*']],
];

for (const [code, expected, stars = 0] of CASES) {
  test(JSON.stringify(code), () => {
    const lines = listeningLines(code, 'file:///a/index.js', (specifier) => specifier !== './missing.js');
    const found = [...lines.matchAll(/\["([^"]+)", \(\) => ([\w$.]+)(, \(value\))?/g)];
    assert.deepEqual(
      found.map(([, name, value, setter]) => `${name}=${value}${setter === undefined ? '' : '*'}`),
      expected,
    );
    assert.equal(/, \[(loopsight\$\d+)?\]\);/.exec(lines)?.[1] === undefined ? 0 : 1, stars);
    if (expected.length + stars === 0) assert.equal(lines, '');
  });
}

test('a module that listens already', () => {
  const once = listeningLines('export const a = 1;', 'file:///a.js', () => true);
  assert.equal(
    listeningLines(`export const a = 1;${once}`, 'file:///a.js', () => true),
    '',
  );
});

test('the code before keeps its lines', () => {
  assert.match(
    listeningLines('export const a = 1;', 'file:///a.js', () => true),
    /^\n;/,
  );
});
