// The code of ES modules whose exports are traced: what is found in it, and that nothing else changes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { listeningLines } from '../../src/loading/es-exports.js';
import { traceCode } from '../../src/trace-patterns/es-code.js';
import { exportsOf } from '../../src/trace-patterns/es-exports.js';
import { root, runNode } from '../support/run-node.js';

const namesIn = (code: string): string[] | undefined => {
  const found = exportsOf(code);
  return found && [...found.own.map(({ name }) => name), ...found.passed.map(({ name }) => name ?? '*')];
};

const FOUND: readonly (readonly [what: string, code: string, names: readonly string[]])[] = [
  ['functions', 'export function a() {} export async function* b() {}\nexport class C {}', ['a', 'b', 'C']],
  ['variables', 'export const a = 1; export let b; export var c = 2', ['a', 'b', 'c']],
  ['several names at once', 'export const { a, b: c, d = 1 } = x;', ['a', 'c']],
  ['lists', 'const a = 1; function b() {}\nexport { a, b as c };', ['a', 'c']],
  ['what is passed on', "export { a as b } from './x.js'; export * from './y.js';", ['b', '*']],
  ['what is imported and passed on', "import { a } from './x.js'; export { a };", ['a']],
  ['defaults', 'export default (a) => a;', ['default']],
  ['a default function without a name', 'export default async function (a) {}', ['default']],
  ['a default class without a name', 'export default class extends Base {}', ['default']],
  ['a default object', 'export default{ a: 1 };', ['default']],
  ['a first line for the shell', "#!/usr/bin/env node's\nexport const a = 1;", ['a']],
  ['a default class with a name', 'export default class Named {}', ['default']],
  ['comments', "// don't export const a = 1\n/* export const b = 1 */ export const c = 1;", ['c']],
  ['strings', `const s = 'export const a = 1 {'; const t = "\\"{"; export const c = 1;`, ['c']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code in a text.
  ['templates', 'const s = `export const a = ${{ b: `}${1}` }.b} {`; export const c = 1;', ['c']],
  ['regular expressions', 'const r = /[/\'"`{]/g; if (x) /{/.test(y); export const c = 1;', ['c']],
  ['divisions', 'const d = (a) / b / c; const e = x[0] / 2; const f = y / z / 1; export const c = 1;', ['c']],
  ['a regular expression after a return', 'function f() { return /[{]/; } export const c = 1;', ['c']],
  ['a regular expression after a comment', 'const r = /* { */ /[{]/; export const c = 1;', ['c']],
  ['a division after a comment', 'const r = a /* { */ / b; const s = "/"; export const c = 1;', ['c']],
  ['properties', 'x.export = 1; const y = { export: 1, const: 2 }; export const c = 1;', ['c']],
  ['import.meta', 'const a = import.meta.url; await import("./x.js"); export const c = 1;', ['c']],
  [
    'names beyond ASCII',
    'export const größe = 1; const été = 2; export { été as ö }; export function naïf() {}',
    ['größe', 'naïf', 'ö'],
  ],
  ['commas in comments', 'export {\n  a, // b, c,\n  d, /* e, f */ g\n};', ['a', 'd', 'g']],
  ['commas in defaults', 'export const { a = [x, y, z] } = b; export const c = 1;', ['c']],
  ['a division after ++', 'let d = 1; const e = d++ / 2; const f = "/{"; export const c = 1;', ['c']],
  [
    'data that is passed on',
    `export { default as a } from './a.json' with { type: 'json' }; export * from './b.json' /* b */ with { type: 'json' };
import { default as d } from './d.json' with { type: 'json' }; export { d };`,
    ['d'],
  ],
  [
    'types',
    'export interface A { b: string }\nexport type B = A;\nexport type { C } from "./c.js";\nexport const d: B = x;',
    ['d'],
  ],
];

for (const [what, code, names] of FOUND) {
  test(`exports are found beside ${what}`, () => assert.deepEqual(namesIn(code), names));
}

test('code that cannot be followed stays as it is', () => {
  for (const code of [
    'export const a = ( => {',
    "export const a = 'b\n';",
    'export const a = `b',
    'export const a = 1; }',
  ]) {
    assert.equal(exportsOf(code), undefined);
    assert.equal(traceCode(code, 'file:///a.js', { isReplaced: () => true, passes() {}, isThere: () => false }), code);
  }
});

const REWRITTEN: readonly (readonly [code: string, rewritten: string])[] = [
  ['export const a = () => 1;', 'export let   a = () => 1;'],
  ['const a = () => 1;\nexport { a };', 'let   a = () => 1;\nexport { a };'],
  ['export function a() {}', 'export function a() {}'],
  ['export default (a) => a;', 'let $default = (a) => a;'],
  ['export default function (a) {}', 'function $default       (a) {}'],
  ['export default class extends Base {}', 'class $default       extends Base {}'],
  ...[
    'export default /* a */ function named() {}',
    'export default // a\nclass Named {}',
    'export default async /* a */ function () {}',
    'export default function /* a */ named() {}',
    'export default function\nnamed() {}',
    'export default function été() {}',
  ].map((code) => [code, code] as const),
  // A name of the application's own is not taken away.
  ['const $default = 1;\nexport default $default;', 'const $default = 1;\nexport default $default;'],
];

for (const [code, rewritten] of REWRITTEN) {
  test(`${JSON.stringify(code)} keeps its places`, () => {
    const changed = traceCode(code, 'file:///a.js', { isReplaced: () => true, passes() {}, isThere: () => false });
    assert.equal(changed.slice(0, code.length), rewritten);
    assert.match(changed.slice(code.length), /^($|\n;)/);
  });
}

test('only what is replaced changes', () => {
  const code = 'export const a = 1;\nexport const b = 2;\n';
  const changed = traceCode(code, 'file:///a.js', {
    isReplaced: (name) => name === 'b',
    passes() {},
    isThere: () => false,
  });
  assert.equal(changed.slice(0, code.length), 'export const a = 1;\nexport let   b = 2;\n');
});

test('overloads of a default are exported once', () => {
  const code = 'export default function (a: string): void;\nexport default function (a: unknown) {}';
  const changed = traceCode(code, 'file:///a.ts', { isReplaced: () => true, passes() {}, isThere: () => false });
  assert.equal(changed.split(' as default }').length, 2);
});

test('a module that is watched as that of a library too has no name twice', () => {
  const code = "export { a } from './a.js';\n";
  const watch = (given: string) => given + listeningLines(given, 'file:///b.js', () => true);
  const trace = (given: string) =>
    traceCode(given, 'file:///b.js', { isReplaced: () => true, passes() {}, isThere: () => true });
  for (const changed of [trace(watch(code)), watch(trace(code))]) {
    const names = [...changed.matchAll(/import \* as ([\w$]+)/g)].map(([, name]) => name);
    assert.equal(names.length, 2);
    assert.equal(new Set(names).size, 2);
  }
});

test('thousands of modules of packages still parse when all of their exports are traced', async () => {
  const program = join(root, 'test/trace/programs/rewrite-all.mjs');
  const folders = ['test/libraries/node_modules', 'dist/esm'].map((folder) => join(root, folder));
  const args = ['--experimental-vm-modules', program, ...folders];
  const { code, stdout, stderr } = await runNode(args, { timeoutMs: 200_000 });
  assert.equal(code, 0, stderr);
  const { modules, changed, broken } = JSON.parse(stdout) as { modules: number; changed: number; broken: string[] };
  assert.deepEqual(broken, []);
  assert.ok(modules > 1000 && changed > 500, `${modules} modules, ${changed} changed`);
});
