// Exports and methods that are traced as they are loaded: ES modules, CommonJS, TypeScript, packages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../support/run-node.js';
import { type Application, writeApplication } from './application.js';
import { counts, runTraced } from './run-traced.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;

let app: Application;
before(() => {
  app = writeApplication();
});
after(() => app.remove());

const run = async (entries: readonly string[], ...args: readonly string[]) => {
  const result = await runTraced(entries, args, { cwd: app.folder });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(result.causes, []);
  return result;
};

const EVERYTHING = {
  'db.query': 2,
  'db.plain': 1,
  'db.inner': 2,
  'db.shown': 1,
  'db.place': 1,
  'Client.open': 1,
  'Client.send': 1,
  db: 1,
  'handlers/users.get': 1,
  'handlers/orders.list': 1,
  'handlers/orders RangeError': 1,
  'compiled/store.find': 1,
};

test('an ES program: every export, and those of CommonJS that it imports', async () => {
  const result = await run(['./**'], 'main.mjs');
  assert.deepEqual(counts(result), EVERYTHING);
  assert.equal(result.stderr, '');
});

test('functions stay what they were, and lines and columns where they were', async () => {
  const [traced, plain] = [await run(['./**'], 'main.mjs'), await run([], 'main.mjs')];
  assert.deepEqual(traced.lines, plain.lines);
  assert.match(traced.lines[0] ?? '', /^\["default","default","query",1,"db\.mjs:21:10\)"/);
});

test('a CommonJS program: exports, module.exports, and getters that cannot be changed', async () => {
  const [traced, plain] = [await run(['./**#*'], 'main.cjs'), await run([], 'main.cjs')];
  assert.deepEqual(counts(traced), {
    'db.query': 1,
    'Client.open': 1,
    'Client.send': 1,
    whole: 1,
    'whole.part': 1,
    'compiled/store.find': 1,
    'compiled/store': 1,
  });
  assert.deepEqual(traced.lines, plain.lines);
});

const SELECTIONS: readonly {
  readonly entries: readonly string[];
  readonly program?: string;
  readonly calls: Readonly<Record<string, number>>;
}[] = [
  { entries: ['./db.mjs#query'], calls: { 'db.query': 1 } },
  { entries: ['./db.mjs#{plain,sho*}'], calls: { 'db.plain': 1, 'db.shown': 1 } },
  { entries: ['./db.mjs#default'], calls: { db: 1 } },
  { entries: ['./db.mjs#Client'], calls: { 'Client.open': 1, 'Client.send': 1 } },
  { entries: ['./db.mjs#Client.prototype.send'], calls: { 'Client.send': 1 } },
  { entries: ['./db.mjs#Client.*'], calls: { 'Client.open': 1 } },
  { entries: ['./db.mjs#api'], calls: { 'db.api.list': 1 } },
  { entries: ['./db.mjs#api.l*'], calls: { 'db.api.list': 1 } },
  { entries: ['./db.mjs#application'], calls: { 'db.application': 1 } },
  { entries: ['./**/db.?js#query'], calls: { 'db.query': 2 } },
  {
    entries: ['./**', '!./db.*', '!./**#list', '!./compiled/**#*'],
    calls: { 'handlers/users.get': 1, 'handlers/orders RangeError': 1 },
  },
  { entries: ['./db.mjs#Client', '!./db.mjs#Client.prototype.*'], calls: { 'Client.open': 1 } },
  // What is passed on has the names under which it is.
  { entries: ['./handlers/index.mjs'], program: 'barrel.mjs', calls: { 'handlers.fetchUser': 1, 'handlers.list': 1 } },
  {
    entries: ['some-package'],
    program: 'package-user.mjs',
    calls: { 'Client.send': 1, 'Client.quiet': 1, 'some-package.helper': 1 },
  },
  { entries: ['some-package#Client.prototype.send'], program: 'package-user.mjs', calls: { 'Client.send': 1 } },
  {
    entries: ['some-package/client.js#Client.prototype.q*'],
    program: 'package-user.mjs',
    calls: { 'Client.quiet': 1 },
  },
];

for (const { entries, program = 'main.mjs', calls } of SELECTIONS) {
  test(`${entries.join(', ')} in ${program}`, async () => {
    assert.deepEqual(counts(await run(entries, program)), calls);
  });
}

test('an entry is found from the working directory and from the application’s root', async () => {
  const result = await runTraced(['./db.mjs#query'], [join(app.folder, 'main.mjs')], { cwd: root });
  assert.deepEqual(counts(result), { 'db.query': 1 });
  const absolute = await runTraced([`${app.folder}/db.mjs#query`], [join(app.folder, 'main.mjs')], { cwd: root });
  assert.deepEqual(counts(absolute), { 'db.query': 1 });
});

test('after a stop nothing is traced', async () => {
  const result = await run(['./**'], 'stop.mjs');
  assert.deepEqual(counts(result), { 'db.query': 2, 'Client.send': 1, 'compiled/store.find': 1 });
});

test('TypeScript as CommonJS, compiled by tsx', async () => {
  const result = await run(['./common/**'], '--import', tsx, 'common/main.ts');
  assert.deepEqual(counts(result), { 'rows.find': 1, 'rows.half': 1 });
});

// Older versions of Node read it in a thread of their own for hooks, where nothing can be changed.
if (major >= 22) {
  test('TypeScript as ES modules, compiled by tsx', async () => {
    const result = await run(['./typed/**'], '--import', tsx, 'typed/main.ts');
    assert.deepEqual(counts(result), { 'rows.find': 1, 'rows.half': 1, rows: 1 });
  });
}

if (major >= 24 || (major === 22 && minor >= 18)) {
  test('TypeScript that Node strips of its types itself', async () => {
    const result = await run(['./typed/**'], 'typed/main.ts');
    assert.deepEqual(counts(result), { 'rows.find': 1, 'rows.half': 1, rows: 1 });
  });
}

const UNMATCHED: readonly { readonly entry: string; readonly said: RegExp }[] = [
  {
    entry: './db.mjs#qurey',
    said: /\.\/db\.mjs#qurey matches a module, but no function that is exported as qurey; nearest: query/,
  },
  { entry: './bd.mjs', said: /no module that was loaded is \.\/bd\.mjs; nearest: \.\/db\.mjs/ },
  { entry: './handler/**#*', said: /no module that was loaded is \.\/handler\/\*\*/ },
  { entry: 'some-pakage#Client', said: /no module that was loaded is some-pakage/ },
  { entry: './db.mjs#Client.prototype.sned', said: /nearest: Client\.prototype\.send/ },
  { entry: 'express#handlers', said: /express#handlers: express was not loaded/ },
];

for (const { entry, said } of UNMATCHED) {
  test(`${entry} means nothing, which is said once`, async () => {
    const { stderr } = await run([entry], 'main.mjs');
    assert.match(stderr, said);
    assert.equal(stderr.trim().split('\n').length, 1);
  });
}

test('what means something, or leaves something out, is not spoken of', async () => {
  assert.equal((await run(['./db.mjs#query', '!./nothing.mjs'], 'main.mjs')).stderr, '');
});
