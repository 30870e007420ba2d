// What the monitor must not change about the program that it watches, in processes of their own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const root = pathToFileURL(`${import.meta.dirname}/../../`);
const START = `
  import { workerThreadsMonitor } from '${new URL('instrumentations/worker-threads/index.ts', root)}';
  import { systemClock } from '${new URL('src/clock.ts', root)}';
  import { createStore } from '${new URL('src/recorder/store.ts', root)}';
  const store = createStore({ clock: systemClock, report: console.error });
  workerThreadsMonitor.start({ recorder: store, clock: systemClock, shared: false, report: console.error });
  const { Worker } = await import('node:worker_threads');
  const options = { eval: true, execArgv: [], env: {} };
`;

async function run(code: string): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', START + code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
    cwd: root,
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [exitCode, signal] = await once(child, 'close');
  return { code: exitCode, signal, out, err };
}

test('the process ends as soon as nothing but unref’d workers is left', async () => {
  const { code, signal } = await run(`
    const worker = new Worker('setInterval(() => {}, 1000)', options);
    await new Promise((resolve) => worker.once('online', resolve));
    worker.unref();
  `);
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
});

test('what a worker throws still ends the process that does not listen for it', async () => {
  const { code, err } = await run(`new Worker('throw new Error("nobody listens")', options);`);
  assert.equal(code, 1);
  assert.match(err, /nobody listens/);
});

test('a worker with work to do keeps the process alive as it does without us', async () => {
  const { code, out } = await run(`
    new Worker('setTimeout(() => process.exit(0), 300)', options);
    process.on('exit', () => console.log('end', process.uptime() > 0.3));
  `);
  assert.deepEqual({ code, out }, { code: 0, out: 'end true\n' });
});
