// Piles up tasks in a queue of a library and tells by IPC what really happened: `pile-up.mjs <library> <import|require>`.
// A library's own file exports `create(load)`, which resolves with a function that adds a task to a new queue of CAPACITY.
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { current } from '../../../dist/esm/src/index.js';
import { CAPACITY, TASK_MS, TASKS } from './pile.mjs';

const [library, format] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const NEWER_NODE = { 'p-queue': 'p-queue-9', undici: 'undici-7' };
const [major] = process.versions.node.split('.').map(Number);

async function load(name) {
  const installed = major < 22 ? (NEWER_NODE[name] ?? name) : name;
  const exports = format === 'require' ? require(installed) : await import(installed);
  // What an ES module calls its default is a module of CommonJS itself, unless it was written as an ES module.
  return typeof exports === 'function' || exports.default === undefined ? { default: exports, ...exports } : exports;
}

let add;
let open;
const gate = new Promise((resolve) => {
  open = resolve;
});
const times = Array.from({ length: TASKS }, () => ({ added: 0, started: 0, ended: 0 }));
let results;

// In a function: what a module awaits stays in its frame.
async function begin() {
  const { create } = await import(`./${library}.mjs`);
  add = await create(load);
}

function pile() {
  results = times.map((time) => {
    time.added = nowMs();
    const added = add(async () => {
      time.started = nowMs();
      await gate;
      await delay(TASK_MS);
      time.ended = nowMs();
    });
    // A worker's own times are the truth, but the library cannot know them: it hands a task over when a worker is free, and
    // hears later of its end.
    return added.then((inWorker) => {
      if (inWorker !== undefined) Object.assign(time, inWorker, { answered: nowMs() });
    });
  });
}

// The same in all threads.
function nowMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

async function finish() {
  open();
  await Promise.all(results);
  results = undefined;
  const free = freeTimes();
  const seconds = (from, to) => times.map((time) => (to(time) - from(time)) / 1000);
  const [added, started, ended] = [(time) => time.added, (time) => time.started, (time) => time.ended];
  const handedOver = (time) => free.get(time);
  return {
    waits: { least: seconds(added, handedOver), most: seconds(added, started) },
    runs: { least: seconds(started, ended), most: seconds(handedOver, (time) => time.answered ?? time.ended) },
  };
}

/**
 * When each task could start: at once, or when a task before it had ended. Between that and its first line a busy machine may
 * take the processor away, and a worker has yet to hear of it.
 */
function freeTimes() {
  const ends = times.map(({ ended }) => ended).sort((one, other) => one - other);
  const inOrder = times.toSorted((one, other) => one.started - other.started);
  return new Map(
    inOrder.map((time, place) => {
      const free = place < CAPACITY ? time.added : Math.max(time.added, ends[place - CAPACITY]);
      return [time, Math.min(time.started, free)];
    }),
  );
}

async function forget() {
  // What a pool has running keeps it.
  await add.close?.();
  add = undefined;
  for (let turn = 0; turn < 5; turn++) {
    await delay(1);
    global.gc();
  }
}

const answers = {
  url: async () => (await current().endpoint).url,
  pile,
  running: () => times.filter(({ started, ended }) => started > 0 && ended === 0).length,
  finish,
  forget,
};

await begin();
process.on('message', async (question) => {
  process.send({ answer: await answers[question]() });
});
process.on('disconnect', () => process.exit());
process.send({ answer: CAPACITY });
