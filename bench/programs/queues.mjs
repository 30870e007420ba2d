// The same tasks through the same libraries: `queues.mjs on` has their queues found, `queues.mjs off` does not.
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { start } from '../../dist/esm/src/index.js';
import { answerWith } from './answer.mjs';
import { readMainThreadUs } from './thread-time.mjs';

const application = fileURLToPath(new URL('../../test/libraries/package.json', import.meta.url));
const require = createRequire(application);

/** Tasks of one run; they come in at once, and the next ones when they are done. */
const TASKS = 1000;
const inPackage = (...parts) => join(application, '../node_modules', ...parts);

async function pQueue() {
  const [major] = process.versions.node.split('.').map(Number);
  const file = pathToFileURL(inPackage(major < 22 ? 'p-queue-9' : 'p-queue', 'dist/index.js'));
  const { default: PQueue } = await import(file.href);
  const queue = new PQueue({ concurrency: 4 });
  const work = async () => undefined;
  return async (n) => {
    const added = [];
    for (let i = 0; i < n; i++) added.push(queue.add(work));
    await Promise.all(added);
  };
}

async function fastq() {
  const create = require('fastq');
  const queue = create((_value, done) => queueMicrotask(done), 4);
  return (n) =>
    new Promise((resolve) => {
      for (let i = 1; i < n; i++) queue.push(i, () => undefined);
      queue.push(0, resolve);
    });
}

async function piscina() {
  const { Piscina } = require('piscina');
  const filename = fileURLToPath(new URL('queue-task.mjs', import.meta.url));
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 16 });
  return async (n) => {
    const runs = [];
    for (let i = 0; i < n; i++) runs.push(pool.run(i, { name: 'work' }));
    await Promise.all(runs);
  };
}

const LIBRARIES = { 'p-queue': pQueue, fastq, piscina };
const isOn = process.argv[2] === 'on';
const { endpoint } = start({ port: 0, log: false, instrumentations: { 'event-loop': false, queues: isOn } });
const { url } = await endpoint;
const sides = {};
for (const [name, create] of Object.entries(LIBRARIES)) sides[name] = await create();
const manyQueues = [];

answerWith({
  /** Runs tasks for so long. */
  async warmUp({ name, ms }) {
    for (const endMs = performance.now() + ms; performance.now() < endMs; ) await sides[name](TASKS);
  },
  /** Nanoseconds of CPU time a task, in one round of at least so many tasks. */
  async round({ name, tasks }) {
    // What the threads of a pool take is another figure at each round, and much more than what is looked for.
    const readUs = name === 'piscina' ? readMainThreadUs : () => usage().cpuUs;
    const beforeUs = readUs();
    for (let left = tasks; left > 0; left -= TASKS) await sides[name](TASKS);
    return ((readUs() - beforeUs) * 1000) / tasks;
  },
  /** How many tasks of a library were found. */
  async found(name) {
    const text = await (await fetch(url)).text();
    const added = text
      .split('\n')
      .filter((line) => line.includes(`queue_type="${name}"`) && line.includes('queue_task_state="added"'));
    return added.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
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
    return url;
  },
  write: () => usage(),
  usage: () => usage(),
  machine: () => ({ node: process.version, cpu: cpus()[0].model }),
});

function usage() {
  const { user, system } = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  return { cpuUs: user + system, mainUs: readMainThreadUs(), activeMs: active, collectMs: Number.NaN };
}
