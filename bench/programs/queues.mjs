// The same tasks through the same libraries, in a copy that is patched and in one that was loaded before anybody watched.
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { start } from '../../dist/esm/src/index.js';
import { answerWith } from './answer.mjs';
import { measure } from './measure.mjs';
import { readMainThreadUs } from './thread-time.mjs';

const application = fileURLToPath(new URL('../../test/libraries/package.json', import.meta.url));
const require = createRequire(application);

/** Tasks of one run; they come in at once, and the next ones when they are done. */
const TASKS = 1000;
const inPackage = (...parts) => join(application, '../node_modules', ...parts);

async function pQueue(copy) {
  const [major] = process.versions.node.split('.').map(Number);
  const file = pathToFileURL(inPackage(major < 22 ? 'p-queue-9' : 'p-queue', 'dist/index.js'));
  const { default: PQueue } = await import(`${file.href}?${copy}`);
  const queue = new PQueue({ concurrency: 4 });
  const work = async () => undefined;
  return async (n) => {
    const added = [];
    for (let i = 0; i < n; i++) added.push(queue.add(work));
    await Promise.all(added);
  };
}

async function fastq() {
  const create = again('fastq');
  const queue = create((_value, done) => queueMicrotask(done), 4);
  return (n) =>
    new Promise((resolve) => {
      for (let i = 1; i < n; i++) queue.push(i, () => undefined);
      queue.push(0, resolve);
    });
}

async function piscina() {
  const { Piscina } = again('piscina');
  const filename = fileURLToPath(new URL('queue-task.mjs', import.meta.url));
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 16 });
  return async (n) => {
    const runs = [];
    for (let i = 0; i < n; i++) runs.push(pool.run(i, { name: 'work' }));
    await Promise.all(runs);
  };
}

// A module of CommonJS that is evaluated anew.
function again(name) {
  const folder = inPackage(name);
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
  return require(name);
}

const LIBRARIES = { 'p-queue': pQueue, fastq, piscina };
const sides = {};
for (const [name, create] of Object.entries(LIBRARIES)) {
  sides[name] = { without: await create('a'), again: await create('b') };
}
const endpoint = start({ port: 0, log: false, instrumentations: { 'event-loop': false } }).endpoint;
for (const [name, create] of Object.entries(LIBRARIES)) sides[name].with = await create('c');
const manyQueues = [];

answerWith({
  async measure({ name, plan }) {
    return name === 'piscina' ? measureMain(sides[name], plan) : measure(sides[name], { ...plan, chunk: TASKS });
  },
  /** Creates `count` queues, each of a place of its own, and has tasks wait in all of them. */
  async fill(count) {
    const { default: pLimit } = await import(pathToFileURL(inPackage('p-limit', 'index.js')).href);
    for (let i = 0; i < count; i++) {
      const create = new Function('pLimit', `return pLimit(2);\n//# sourceURL=/srv/place-${i % 90}.js`);
      const limit = create(pLimit);
      for (let task = 0; task < 5; task++) limit(() => new Promise(() => undefined));
      manyQueues.push(limit);
    }
    return (await endpoint).url;
  },
  write: () => usage(),
  usage: () => usage(),
  machine: () => ({ node: process.version, cpu: cpus()[0].model }),
});

// What the threads of a pool take is another figure at each round, and much more than what is looked for.
async function measureMain(variants, { rounds, warmUpMs }) {
  const names = Object.keys(variants);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const endMs = performance.now() + warmUpMs * names.length; performance.now() < endMs; ) {
    for (const name of names) await variants[name](TASKS);
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of [...names].sort(() => Math.random() - 0.5)) {
      const beforeUs = readMainThreadUs();
      await variants[name](TASKS);
      results[name].push(((readMainThreadUs() - beforeUs) * 1000) / TASKS);
    }
  }
  return results;
}

function usage() {
  const { user, system } = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  return { cpuUs: user + system, mainUs: readMainThreadUs(), activeMs: active, collectMs: Number.NaN };
}
