// Serves three routes of known shares under load, and prints what its metrics say of them beside what it measured itself.
// Arguments: the framework, and how long it lasts at least, in milliseconds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { start } from '../../../dist/esm/src/index.js';

const [framework = 'express', lastsMs = '6000'] = process.argv.slice(2);
const built = (file) => import(new URL(`../../../dist/esm/${file}`, import.meta.url).href);
const { createSchedule } = await built('instrumentations/traced/time/schedule.js');
const { sharedState } = await built('src/shared-state.js');
const { systemClock: clock } = await built('src/clock.js');

/** A busy machine takes longer until so many requests have been followed; it has this time, in milliseconds. */
const ENOUGH = 600;
const MOST_MS = 30_000;
const failures = [];
const report = (cause, error) => failures.push(`${cause}: ${error}`);
// As ever, but for more windows in less time.
const timing = { periodMs: 500, windowMs: 250, tailMs: 200, firstMs: 200, budget: 0.1 };
const schedule = createSchedule({ clock, report, timing });
let followed = 0;
sharedState().callTimes = {
  ...schedule,
  beginRequest() {
    const request = schedule.beginRequest();
    if (request !== undefined) followed++;
    return request;
  },
};
const loopsight = start({ port: 0, log: false, profile: true, profileIntervalMs: 2 });
const { url } = await loopsight.endpoint;

/** What each route computed, and each function for it, in milliseconds. */
const truth = {};
const UNIT = 40_000;
let kept = 1;
// Each has a loop of its own, so that none is compiled into another.
function parse() {
  for (let i = 0; i < 20 * UNIT; i++) kept = (kept * 1103515245 + 12345) & 0x7fffffff;
}
function render() {
  for (let j = 0; j < 80 * UNIT; j++) kept = (kept * 1103515245 + 12345) & 0x7fffffff;
}
function work() {
  for (let k = 0; k < 10 * UNIT; k++) kept = (kept * 1103515245 + 12345) & 0x7fffffff;
}
function timed(route, fn) {
  const before = performance.now();
  // Called by the engine, so that it is not compiled into its caller.
  JSON.parse('0', fn);
  const ms = performance.now() - before;
  truth[route] ??= {};
  truth[route][fn.name] = (truth[route][fn.name] ?? 0) + ms;
}

async function heavy() {
  timed('heavy', parse);
  await pause(1);
  timed('heavy', render);
  await null;
  await Promise.all(
    [1, 2].map(async () => {
      await pause(2);
      timed('heavy', work);
    }),
  );
}
async function middle() {
  await pause(1);
  timed('middle', parse);
  timed('middle', parse);
  await new Promise((resolve) => setImmediate(resolve));
  timed('middle', parse);
}
async function light() {
  timed('light', work);
  await pause(5);
  timed('light', work);
}
const HANDLERS = { '/heavy/:id': heavy, '/middle/:id': middle, '/light/:id': light };

async function serveExpress() {
  const { default: express } = await import('express');
  const app = express();
  for (const [path, handler] of Object.entries(HANDLERS)) {
    app.get(path, async (_request, response) => {
      await handler();
      response.json({ ok: true });
    });
  }
  app.get('/throws/:id', async () => {
    await pause(1);
    throw new Error('not now');
  });
  app.get('/breaks/:id', (_request, response) => {
    setTimeout(() => {
      response.end();
      throw new Error('out of a timer');
    });
  });
  // Never answered.
  app.get('/hangs/:id', () => {});
  app.use((_error, _request, response, _next) => response.status(500).end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function serveFastify() {
  const { default: fastify } = await import('fastify');
  const app = fastify();
  for (const [path, handler] of Object.entries(HANDLERS)) {
    app.get(path, async () => {
      await handler();
      return { ok: true };
    });
  }
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

process.on('uncaughtException', ({ message }) => failures.push(message));
const server = framework === 'fastify' ? await serveFastify() : await serveExpress();
const { port } = server.address();
const faults = framework === 'express' ? ['/throws/ID', '/breaks/ID'] : [];
if (framework === 'express') {
  get({ host: '127.0.0.1', port, path: '/hangs/secret-hang' }).on('error', () => {});
}
const load = fork(new URL('./routes-load.mjs', import.meta.url), [
  `${port}`,
  ...['/heavy/ID', '/middle/ID', '/light/ID', '/nowhere/ID', ...faults],
]);
const [leastMs, mostMs] = [performance.now() + Number(lastsMs), performance.now() + MOST_MS];
while (performance.now() < leastMs || (followed < ENOUGH && performance.now() < mostMs)) await pause(100);
load.send('stop');
await once(load, 'exit');
// What the last window told of is counted.
await pause(500);
const response = await new Promise((resolve, reject) => get(url, resolve).on('error', reject));
const scrape = await text(response);
const cpuS = Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
const lines = scrape.split('\n').filter((line) => /^loopsight_(route|thread)_cpu_time_seconds_total\{/.test(line));
server.closeAllConnections();
server.close();
await loopsight.stop();
console.log(
  JSON.stringify({
    truth,
    cpuS,
    followed,
    lines,
    hasSecrets: scrape.includes('secret-'),
    failures: [...new Set(failures)],
  }),
);
process.exit(kept === 0 ? 1 : 0);
