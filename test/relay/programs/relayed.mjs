// A program with a worker, which does what it is told over its channel: it is idle but for that.
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { current } from 'loopsight';

const NESTED = `
const { Worker } = require('node:worker_threads');
new Worker('setInterval(() => {}, 1000)', { eval: true, name: 'inner' });
`;

const worker = new Worker(new URL('./cruncher.cjs', import.meta.url), { name: 'cruncher' });
worker.unref();

// Code that a report can name: it has the processor for so long, too.
export function blockFor(ms) {
  const end = Date.now() + ms;
  const { user } = process.cpuUsage();
  while (Date.now() < end || process.cpuUsage().user < user + ms * 1000);
}

// With a secret in its scope, for whoever may read it.
function holdSecret(secret) {
  // biome-ignore lint/suspicious/noDebugger: what a debugger stops at
  debugger;
  return secret.length;
}

async function utilizationOf(thread) {
  const before = thread.eventLoopUtilization();
  await delay(300);
  return thread.eventLoopUtilization(before).utilization;
}

// The stalls so far, each by thread and cause.
async function stalls() {
  const endpoint = await current()?.endpoint;
  const text = await (await fetch(endpoint.url)).text();
  const lines = text.split('\n').filter((line) => /^\w+_count\{.*loopsight_stall_cause=.*\} [1-9]/.test(line));
  return lines.map((line) => `${/thread_name="(\w+)"/.exec(line)[1]} ${/stall_cause="(\w+)"/.exec(line)[1]}`);
}

// How long the worker's loop was busy so far, in seconds, as the metrics have it.
async function busy() {
  const endpoint = await current()?.endpoint;
  const text = await (await fetch(endpoint.url)).text();
  const [, seconds] =
    /^nodejs_eventloop_time_seconds_total\{(?=.*"active")(?=.*"cruncher").*\} (.*)$/m.exec(text) ?? [];
  return Number(seconds);
}

const COMMANDS = {
  busy,
  stalls,
  block: (ms) => blockFor(ms),
  secret: () => holdSecret('hunter2'),
  ping: () => 'pong',
  utilization: async () => [await utilizationOf(performance), await utilizationOf(worker.performance)],
  worker(ms) {
    worker.postMessage(ms);
    return new Promise((resolve) => worker.once('message', resolve));
  },
  turn: () => delay(500),
  nest: () => new Promise((resolve) => new Worker(NESTED, { eval: true, name: 'outer' }).once('online', resolve)),
  signal: () => process.kill(process.pid, 0),
  stop: () => current()?.stop(),
  exit: () => process.exit(7),
  end() {
    server.close();
    process.disconnect();
  },
  throw: () => setImmediate(() => Promise.reject(new Error('thrown'))),
};

process.on('message', async ({ command, ms }) => {
  const answer = await COMMANDS[command](ms);
  if (process.connected) process.send({ command, answer });
});
// A program counts as started once it serves.
const server = createServer().listen(0, '127.0.0.1');
worker.once('online', () => process.send({ command: 'ready' }));
