// Modules that are written in a way that changes to their code, or copies of what they export, could spoil.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../support/run-node.js';
import { type Application, writeApplication } from './application.js';
import { counts, runTraced } from './run-traced.js';

const MODULES: Readonly<Record<string, string>> = {
  'odd/attributes.mjs': `export { default as data } from './data.json' with { type: 'json' };
export const read = () => 'read';
`,
  'odd/data.json': '{ "a": 1 }',
  'odd/attributes-user.mjs': `import { data, read } from './attributes.mjs';
console.log(data.a, read());
`,
  // A compiler has symbols of its own; parameters of ours must not hide what is exported.
  'odd/names.mjs': `export class Symbol {}
export const value = () => 'value';
export function name() {
  return 'name';
}
export const größe = () => 1;
`,
  'odd/names-user.mjs': `import * as names from './names.mjs';
console.log(names.value(), names.name(), names.größe(), new names.Symbol() instanceof names.Symbol);
`,
  'odd/comments.mjs': `export default /* hidden */ function named() {
  return 'named';
}
export const through = () => named();
`,
  'odd/comments-two.mjs': `console.log(typeof named);
export default function /* hidden */ named() {
  return 'named';
}
`,
  'odd/comments-user.mjs': `import named, { through } from './comments.mjs';
import two from './comments-two.mjs';
console.log(named(), through(), two());
`,
  'odd/cycle/index.mjs': `export * from './one.mjs';
export { two } from './two.mjs';
export const own = () => 'own';
`,
  'odd/cycle/one.mjs': `import { two } from './index.mjs';
export const one = () => 'one ' + two();
`,
  'odd/cycle/two.mjs': "export const two = () => 'two';\n",
  'odd/cycle-user.mjs': `import { one } from './cycle/one.mjs';
import { own } from './cycle/index.mjs';
console.log(one(), own());
`,
  // As TypeScript compiles it: what is passed on has a getter that nobody can change, the rest is assigned to.
  'odd/live.cjs': `Object.defineProperty(exports, '__esModule', { value: true });
exports.state = void 0;
exports.connect = connect;
const other = require('./other.cjs');
Object.defineProperty(exports, 'find', { enumerable: true, get: function () { return other.find; } });
exports.state = 'new';
function connect() {
  exports.state = 'connected';
}
`,
  'odd/other.cjs': "exports.find = () => 'found';\n",
  'odd/live-user.cjs': `const live = require('./live.cjs');
live.connect();
console.log(live.find(), live.state, Object.keys(live), live.__esModule);
live.state = 'set';
console.log(live.state);
`,
  // Without the mark of a compiler; some packages have a `default` that is not what `require` gives.
  'odd/default.cjs': "exports.other = () => 'other';\nexports.default = () => 'default';\n",
  'odd/whole.cjs': `module.exports = function whole() {
  return 'whole';
};
module.exports.default = () => 'default';
`,
  'odd/default-user.cjs': `const named = require('./default.cjs');
const whole = require('./whole.cjs');
console.log(named.other(), named.default(), Object.keys(named), whole(), whole.default());
`,
  // What is Node's own would change for everybody, and for those who trace.
  'odd/node/types.cjs': "module.exports = require('node:util').types;\n",
  'odd/node/events.cjs': "module.exports = require('node:events');\n",
  'odd/node/storage.cjs': `exports.AsyncLocalStorage = require('node:async_hooks').AsyncLocalStorage;
exports.api = require('node:fs');
exports.own = () => 'own';
`,
  'odd/node/compat.mjs': `export { URL };
const { URL } = globalThis;
export { AsyncLocalStorage } from 'node:async_hooks';
export const after = () => 'after';
`,
  'odd/node-user.mjs': `import events from './node/events.cjs';
import { AsyncLocalStorage, api, own } from './node/storage.cjs';
import types from './node/types.cjs';
import { after, URL } from './node/compat.mjs';
new AsyncLocalStorage().run(1, own);
new URL('http://a/').toString();
new events().emit('a');
console.log(types.isPromise(1), after(), api.existsSync('/'));
`,
  // A tracer that tells a processor of each span, both as an application may have them.
  'odd/spans.mjs': `export class Processor {
  onStart() {}
  onEnd() {}
  forceFlush() {}
  shutdown() {}
}
export const own = () => 'own';
`,
  'odd/spans-user.mjs': `import { trace } from '@opentelemetry/api';
import { own, Processor } from './spans.mjs';
const processor = new Processor();
const span = { spanContext: () => ({}), isRecording: () => true, setAttribute() {}, setAttributes() {}, end: () => processor.onEnd() };
const tracer = { startSpan() { processor.onStart(); return span; } };
trace.setGlobalTracerProvider({ getTracer: () => tracer });
console.log(own());
`,
  'odd/constructor.cjs': `function Row() {}
Row.prototype.read = function () {
  return 'read';
};
Row.open = () => new Row();
module.exports = { Row };
`,
  'odd/constructor-user.cjs': `const { Row } = require('./constructor.cjs');
const row = Row.open();
console.log(row.read(), row.constructor === Row, row instanceof Row);
`,
  'odd/lazy.cjs': `Object.defineProperty(exports, 'heavy', {
  enumerable: true,
  get() {
    console.log('loaded');
    return () => 'heavy';
  },
});
exports.light = () => 'light';
`,
  'odd/lazy-user.cjs': "console.log(require('./lazy.cjs').light());\n",
  'odd/frozen.cjs': `class Store {
  #rows = ['row'];
  first = () => this.#rows[0];
  all() {
    return this.#rows;
  }
}
module.exports = Object.freeze(new Store());
`,
  'odd/frozen-user.cjs': `const store = require('./frozen.cjs');
console.log(store.first(), store.all());
`,
  'odd/namespace.mjs': `import * as two from './cycle/two.mjs';
export { two };
export const after = () => two.two();
`,
  'odd/namespace-user.mjs': `import { after } from './namespace.mjs';
console.log(after());
`,
  'odd/binary-user.mjs': "import * as binary from './binary.wasm';\nconsole.log(Object.keys(binary).length);\n",
  'odd/again.mjs': `import { query } from '../db.mjs';
await query(1);
stopTracing();
await query(1);
traceAgain();
await query(1);
`,
};

/** A module with a section of its own, whose content is no text. */
const WASM = Buffer.from('0061736d01000000' + '00030161ff', 'hex');
const WASM_FLAG = '--experimental-wasm-modules';

let app: Application;
before(() => {
  app = writeApplication(MODULES);
  writeFileSync(join(app.folder, 'odd/binary.wasm'), WASM);
  mkdirSync(join(app.folder, 'node_modules/@opentelemetry'));
  symlinkSync(
    join(root, 'node_modules/@opentelemetry/api'),
    join(app.folder, 'node_modules/@opentelemetry/api'),
    'junction',
  );
});
after(() => app.remove());

const CASES: readonly {
  readonly what: string;
  readonly entries: readonly string[];
  readonly program: string;
  readonly calls: Readonly<Record<string, number>>;
}[] = [
  {
    what: 'what may only be imported with attributes',
    entries: ['./odd/attributes.mjs'],
    program: 'odd/attributes-user.mjs',
    calls: { 'attributes.read': 1 },
  },
  {
    what: 'names that lines of ours use, and names beyond ASCII',
    entries: ['./odd/names.mjs'],
    program: 'odd/names-user.mjs',
    calls: { 'names.value': 1, 'names.name': 1, 'names.größe': 1 },
  },
  {
    what: 'comments before and after the word function',
    entries: ['./odd/comments*.mjs'],
    program: 'odd/comments-user.mjs',
    calls: { 'comments.through': 1 },
  },
  {
    what: 'a cycle of imports',
    entries: ['./odd/cycle/index.mjs'],
    program: 'odd/cycle-user.mjs',
    calls: { 'cycle.own': 1, 'cycle.two': 1 },
  },
  {
    what: 'exports of CommonJS that change later beside some that cannot be changed',
    entries: ['./odd/live.cjs'],
    program: 'odd/live-user.cjs',
    calls: { 'live.find': 1, 'live.connect': 1 },
  },
  {
    what: 'a default of CommonJS that is not what the module is',
    entries: ['./odd/{default,whole}.cjs'],
    program: 'odd/default-user.cjs',
    calls: { 'default.other': 1, default: 1, whole: 1 },
  },
  {
    what: 'what is passed on of Node itself',
    entries: ['./odd/node/**', './odd/node/storage.cjs#api.existsSync', './odd/node/compat.mjs#URL.prototype.toString'],
    program: 'odd/node-user.mjs',
    calls: { 'storage.own': 1, 'compat.after': 1 },
  },
  {
    what: 'what is told of each span',
    entries: ['./odd/**', '**/node_modules/**'],
    program: 'odd/spans-user.mjs',
    calls: { 'spans.own': 1 },
  },
  {
    what: 'a class without the word',
    entries: ['./odd/constructor.cjs'],
    program: 'odd/constructor-user.cjs',
    calls: { 'Row.read': 1, 'Row.open': 1 },
  },
  {
    what: 'a getter that loads what nobody asks for',
    entries: ['./odd/lazy.cjs#light'],
    program: 'odd/lazy-user.cjs',
    calls: { 'lazy.light': 1 },
  },
  {
    what: 'a frozen object with private fields',
    entries: ['./odd/frozen.cjs'],
    program: 'odd/frozen-user.cjs',
    calls: {},
  },
  {
    what: 'a namespace beside what can be traced',
    entries: ['./odd/namespace.mjs#{after,two}', './odd/namespace.mjs#two.two'],
    program: 'odd/namespace-user.mjs',
    calls: { 'namespace.after': 1 },
  },
];

for (const { what, entries, program, calls } of CASES) {
  test(`${what}: the program does what it did`, async () => {
    const traced = await runTraced(entries, [program], { cwd: app.folder });
    const plain = await runTraced([], [program], { cwd: app.folder });
    assert.equal(traced.code, 0, traced.stderr);
    assert.deepEqual(traced.lines, plain.lines);
    assert.deepEqual(traced.causes, []);
    assert.deepEqual(counts(traced), calls);
  });
}

test('WebAssembly is loaded as it is', async () => {
  const flags = process.allowedNodeEnvironmentFlags.has(WASM_FLAG) ? [WASM_FLAG] : [];
  const result = await runTraced(['./odd/**'], [...flags, 'odd/binary-user.mjs'], { cwd: app.folder });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(result.lines, ['0']);
});

test('what was stopped can be started again', async () => {
  const result = await runTraced(['./db.mjs#query'], ['odd/again.mjs'], { cwd: app.folder });
  assert.deepEqual(counts(result), { 'db.query': 2 });
});
