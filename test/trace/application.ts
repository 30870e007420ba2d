// A small application with every kind of export, written to a folder of its own: as files of the repository its ES modules,
// CommonJS, TypeScript and packages would be checked and compiled as part of it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'barrel.mjs': `import { fetchUser, list } from './handlers/index.mjs';
fetchUser();
list();
`,
  'compiled/store.cjs': `// As compilers and bundlers write it: exports are getters that cannot be changed.
var __defProp = Object.defineProperty;
var __export = (target, all) => {
  for (var name in all) __defProp(target, name, { get: all[name], enumerable: true });
};
var store_exports = {};
__export(store_exports, { find: () => find, default: () => main });
module.exports = __defProp(store_exports, '__esModule', { value: true });
const find = (a) => a;
const main = () => 'main';
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = { find });
`,
  'db.cjs': `exports.query = async function query(id) {
  return { id };
};
exports.Client = class Client {
  static open() {
    return new Client();
  }
  send() {
    return 'sent';
  }
};
exports.value = 1;
`,
  'db.mjs': `export const query = async (id) => ({ id });
export function plain() {
  return inner();
}
export function inner() {
  return 1;
}
const hidden = () => 3;
export { hidden as shown };
export class Client {
  static open() {
    return new Client();
  }
  send() {
    return 'sent';
  }
}
export const api = { list: () => [1], names: ['a'] };
export default (row) => row;
export function place() {
  return new Error('here').stack.split('\\n')[1].replace(/.*\\//, '');
}
export const application = Object.assign(() => 'application', { use() {} });
`,
  'handlers/index.mjs': `export { get as fetchUser } from './users.mjs';
export * from './orders.mjs';
`,
  'handlers/orders.mjs': `export default async function () {
  throw new RangeError('no orders');
}
export const list = () => 'list';
`,
  'handlers/users.mjs': `export const get = () => 'get';
`,
  'main.cjs': `const { query, Client } = require('./db.cjs');
const whole = require('./whole.cjs');
const store = require('./compiled/store.cjs');
query(1).then(() => {
  Client.open().send();
  whole();
  store.find(1);
  store.default();
  console.log(JSON.stringify([Object.keys(store), store.__esModule, Object.keys(whole), require('./db.cjs').value]));
});
`,
  'main.mjs': `import main, { api, application, Client, inner, place, plain, query, shown } from './db.mjs';
import orders from './handlers/orders.mjs';
import { fetchUser, list } from './handlers/index.mjs';
import { query as commonJsQuery } from './db.cjs';
import { find } from './compiled/store.cjs';
await query(1);
plain();
inner();
shown();
Client.open().send();
api.list();
main(1);
application();
fetchUser();
list();
await orders().catch(() => {});
await commonJsQuery(1);
find(1);
console.log(JSON.stringify([main.name, orders.name, query.name, query.length, place(), String(plain).length]));
`,
  'node_modules/some-package/client.js': `export class Client {
  send() {
    return this.quiet();
  }
  quiet() {
    return 'quiet';
  }
}
`,
  'node_modules/some-package/index.js': `export { Client } from './client.js';
export const helper = () => 'helper';
`,
  'node_modules/some-package/package.json': `{ "name": "some-package", "version": "1.0.0", "main": "./index.js", "type": "module" }
`,
  'package-user.mjs': `import { Client, helper } from 'some-package';
new Client().send();
helper();
`,
  'package.json': `{ "name": "traced-app", "version": "1.0.0", "private": true }
`,
  'stop.mjs': `import { createRequire } from 'node:module';
import { Client, query } from './db.mjs';
const require = createRequire(import.meta.url);
const commonJs = require('./db.cjs');
const store = require('./compiled/store.cjs');
await query(1);
new Client().send();
await commonJs.query(1);
store.find(1);
globalThis.stopTracing();
await query(1);
new Client().send();
await require('./db.cjs').query(1);
require('./compiled/store.cjs').find(1);
await import('./handlers/users.mjs').then(({ get }) => get());
`,
  'common/rows.ts': `export const find = async (id: number): Promise<number> => id;
export function half(value: number): number {
  return value / 2;
}
`,
  'common/main.ts': `import { find, half } from './rows';

void find(1).then(() => half(1));
`,
  'typed/main.ts': `import same, { find, half } from './rows.ts';

await find(1);
half(1);
same({ id: 1 });
`,
  'common/package.json': `{ "type": "commonjs" }
`,
  'typed/package.json': `{ "type": "module" }
`,
  'typed/rows.ts': `export interface Row {
  readonly id: number;
}
export const find = async <T extends Row>(id: number): Promise<Row> => ({ id }) as T;
export type { Row as Line };
export function half(value: number): number {
  return value / 2;
}
export default (row: Row): Row => row;
`,
  'whole.cjs': `module.exports = function whole() {
  return module.exports.part();
};
module.exports.part = () => 'part';
`,
};

/** An application in a folder of its own. */
export interface Application {
  readonly folder: string;
  remove(): void;
}

/** Writes the application, with `more` files. */
export function writeApplication(more: Readonly<Record<string, string>> = {}): Application {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loopsight-trace-')));
  for (const [name, text] of Object.entries({ ...FILES, ...more })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
