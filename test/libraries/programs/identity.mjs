// Every function that can be reached from Node's own modules and from the libraries, before, during and after: what
// `stop` leaves must be the very functions that were there.
import * as nodeModule from 'node:module';
import { start } from '../../../dist/esm/src/index.js';

const require = nodeModule.createRequire(import.meta.url);
const [major] = process.versions.node.split('.').map(Number);
/** Libraries that are loaded in both formats, as far as they have both. */
const LIBRARIES = [
  major < 22 ? 'p-queue-9' : 'p-queue',
  'p-limit',
  'fastq',
  'async',
  'async/queue.js',
  'bottleneck',
  'piscina',
  'tinypool',
  'workerpool',
  'poolifier',
  'bullmq',
  'pg',
  'pg-pool',
  'mysql2',
  'mysql2/promise',
  'tarn',
  'generic-pool',
  'mongodb',
  'redis',
  'ioredis',
  major < 22 ? 'undici-7' : 'undici',
  'async-mutex',
  'async-sema',
];
const BUILTINS = nodeModule.builtinModules.filter(
  (name) => !/^_|^(inspector|sqlite|test|sea|sys|punycode|trace_events)/.test(name),
);

const holders = new Map([['globalThis', globalThis]]);
for (const name of BUILTINS) holders.set(`node:${name}`, process.getBuiltinModule(`node:${name}`));
const roots = () => [...holders];

/** Every function below the roots, by the path to it. */
function functionsOf(entries) {
  const found = new Map();
  const seen = new Set();
  const waiting = entries.map(([path, value]) => ({ path, value, depth: 0 }));
  for (const { path, value, depth } of waiting) {
    if (typeof value === 'function') found.set(path, value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value) || depth > 5) continue;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      // The library puts its own there when it is loaded.
      if (property === undefined || String(key).includes('undici.globalDispatcher')) continue;
      const { get, set } = property;
      const below = `${path}.${String(key)}`;
      if (get !== undefined) found.set(`get ${below}`, get);
      if (set !== undefined) found.set(`set ${below}`, set);
      if ('value' in property) waiting.push({ path: below, value: property.value, depth: depth + 1 });
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null) waiting.push({ path: `${path}.[[Prototype]]`, value: prototype, depth: depth + 1 });
  }
  return found;
}

const differences = (one, other) =>
  [...one].filter(([path, value]) => other.has(path) && other.get(path) !== value).map(([path]) => path);

// Libraries that are there before, as CommonJS.
const early = ['fastq', 'async', 'bottleneck', 'pg'];
for (const name of early) {
  require(name);
  holders.set(`early ${name}`, require.cache[require.resolve(name)]);
}
const options = { port: 0, log: false };

const first = functionsOf(roots());
let loopsight = start(options);
await loopsight.endpoint;
for (const name of LIBRARIES) {
  holders.set(`require ${name}`, require.cache[require.resolve(name)] ?? { exports: require(name) });
  holders.set(`import ${name}`, await import(name));
  require(name);
}
await loopsight.stop();

const without = functionsOf(roots());
loopsight = start(options);
await loopsight.endpoint;
const during = functionsOf(roots());
await loopsight.stop();
const after = functionsOf(roots());

// What was loaded before the first start is compared with what it was then; the rest with what the first stop left.
const said = {
  functions: without.size,
  patched: differences(without, during),
  left: [...new Set([...differences(first, after), ...differences(without, after)])],
};
process.stdout.write(JSON.stringify(said), () => process.exit());
