// The built service, in a process of its own.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FAULTS } from '../../demo/faults.js';
import { eventually } from '../support/eventually.js';
import { type Child, descendantsOf, forkDemo, takePort, waitUntilGone } from './children.js';

/** Machines that do much else are slow to end something. */
const PATIENCE_MS = 30_000;
const POSIX = process.platform === 'win32' ? { skip: 'needs named pipes' } : {};

async function startService(context: TestContext, ...args: string[]): Promise<{ child: Child; url: string }> {
  const child = forkDemo('main.js', ['--port=0', ...args], { instrumented: true });
  context.after(() => child.process.kill('SIGKILL'));
  const [, url = ''] = await child.waitFor(/listens on (http:\S+)/);
  return { child, url };
}

/** Status and text of an answer. */
async function ask(url: string, method = 'GET'): Promise<readonly [status: number, body: string]> {
  const response = await fetch(url, { method, headers: { connection: 'close' } });
  return [response.status, await response.text()];
}

test('it serves, handles restarts, and drains on SIGTERM with exit code 0', async (context) => {
  const { child, url } = await startService(context);
  assert.deepEqual(await ask(`${url}/healthz`), [200, 'ok\n']);

  const [status, body] = await ask(`${url}/restarts?host=web-7`, 'POST');
  assert.equal(status, 202);
  assert.equal(JSON.parse(body).host, 'web-7');

  const [reportStatus, report] = await ask(`${url}/reports/3`);
  assert.equal(reportStatus, 200);
  assert.match(report, /Report 3/);

  assert.equal((await ask(`${url}/restarts?host=%0a`, 'POST'))[0], 400);
  assert.equal((await ask(`${url}/restarts`))[0], 404);
  assert.equal((await ask(`${url}/reports/x`))[0], 404);
  assert.equal((await ask(`${url}/block?ms=10`, 'POST'))[0], 404, 'blocking is off unless asked for');

  // Consumers are idle then, so that everything that is still added is handled.
  await eventually(
    async () => JSON.parse((await ask(url))[1]).restarts.waiting,
    (waiting) => waiting === 0,
  );
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, 0);
  assert.match(child.output(), /mayhem stopped; 0 restarts were left/);
});

test('it stops within its bound when more waits than it can handle', async (context) => {
  const { child, url } = await startService(context, '--fault=unbounded-queue');
  for (let sent = 0; sent < 300; sent++) assert.equal((await ask(`${url}/restarts?host=web-1`, 'POST'))[0], 202);
  const startMs = performance.now();
  child.process.kill('SIGINT');
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, 0);
  const tookMs = performance.now() - startMs;
  // To handle them all would take its four consumers some 20 s.
  assert.ok(tookMs < 15_000, `${tookMs}`);
  assert.match(child.output(), /mayhem stopped; [1-9]\d* restarts were left/);
});

test('a queue with a limit refuses what is beyond it', async (context) => {
  const { url } = await startService(context);
  const statuses = new Set<number>();
  for (let sent = 0; sent < 400 && !statuses.has(503); sent += 50) {
    // At once: one after the other, a slow machine sends no faster than the consumers handle.
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${url}/restarts?host=web-1`, 'POST')));
    for (const [status] of answers) statuses.add(status);
  }
  assert.deepEqual(statuses, new Set([202, 503]));
});

test('with --allow-block it blocks its loop for as long as it is told to', async (context) => {
  const { url } = await startService(context, '--allow-block');
  const startMs = performance.now();
  assert.equal((await ask(`${url}/block?ms=300`, 'POST'))[0], 200);
  assert.ok(performance.now() - startMs >= 300);
  assert.equal((await ask(`${url}/block?ms=60001`, 'POST'))[0], 400);
  assert.equal((await ask(`${url}/block?ms=NaN`, 'POST'))[0], 400);
});

test('every fault and version starts, serves a report and stops', async (context) => {
  const faults = Object.keys(FAULTS);
  const { child, url } = await startService(context, `--faults=${faults}`, '--version=2');
  assert.match((await ask(`${url}/reports/1`))[1], /Report 1/);
  const summary = JSON.parse((await ask(url))[1]);
  assert.deepEqual(summary.faults, faults);
  assert.equal(summary.version, 2);
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, 0);
});

test('the true and the stored total are told apart', async (context) => {
  const { url } = await startService(context);
  for (let sent = 0; sent < 3; sent++) await ask(`${url}/restarts?host=web-1`, 'POST');
  const [status, body] = await ask(`${url}/totals`);
  const { counted, stored } = JSON.parse(body);
  assert.equal(status, 200);
  assert.ok(counted >= 3 && stored >= 0 && stored <= counted, body);
});

test('the slow reader of the log ends with the service, and the service goes on without it', POSIX, async (context) => {
  const { child, url } = await startService(context, '--fault=blocking-log');
  const readers = descendantsOf(child.process.pid ?? 0);
  assert.equal(readers.length, 1);
  // More than the pipe holds.
  for (let sent = 0; sent < 10; sent++) assert.equal((await ask(`${url}/healthz`))[0], 200);
  assert.doesNotMatch(child.output(), /GET/, 'nothing is logged to where the service was started');

  for (const pid of readers) process.kill(pid, 'SIGKILL');
  await waitUntilGone(readers, PATIENCE_MS);
  for (let sent = 0; sent < 10; sent++) assert.equal((await ask(`${url}/healthz`))[0], 200);

  const { child: other } = await startService(context, '--fault=blocking-log');
  const left = descendantsOf(other.process.pid ?? 0);
  other.process.kill('SIGKILL');
  await other.ended;
  await waitUntilGone(left, PATIENCE_MS);
});

test('it stops when the process that started it has gone', async (context) => {
  const { child } = await startService(context);
  child.process.disconnect();
  assert.equal(await child.ended, 0);
});

test('a busy port is one sentence and exit code 1', async (context) => {
  const { port, server } = await takePort();
  context.after(() => server.close());
  const child = forkDemo('main.js', [`--port=${port}`]);
  context.after(() => child.process.kill('SIGKILL'));
  assert.equal(await child.ended, 1);
  assert.equal(child.output(), `mayhem: Port ${port} is in use; choose another one with --port.\n`);
});

test('a bad flag is one sentence and exit code 2', async (context) => {
  const child = forkDemo('main.js', ['--version=0']);
  context.after(() => child.process.kill('SIGKILL'));
  assert.equal(await child.ended, 2);
  assert.equal(child.output(), 'mayhem: Expected --version to be 1 or 2, got "0".\n');
});
