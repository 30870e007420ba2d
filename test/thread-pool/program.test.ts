// The thread pool of a whole program, as a scrape shows it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { tellsPoolThreads } from '../../instrumentations/thread-pool/pool-threads.js';
import { eventually } from '../support/eventually.js';
import { startInstrumented } from '../support/instrumented.js';
import { registerFiles, runNode, runWithoutStalls } from '../support/run-node.js';

const RUNNING = 'loopsight_threadpool_running';
const SIZE = 'loopsight_threadpool_size{threadpool_lane="default"}';
const AGE = 'loopsight_threadpool_oldest_age_seconds{threadpool_lane="default"}';
const COUNT = 'loopsight_threadpool_wait_duration_seconds_count{threadpool_lane="default"}';
const SUM = 'loopsight_threadpool_wait_duration_seconds_sum{threadpool_lane="default"}';
const SLOW_COUNT = 'loopsight_threadpool_wait_duration_seconds_count{threadpool_lane="slow_io"}';
const CRYPTO = 'loopsight_threadpool_queue_depth{threadpool_lane="default",threadpool_work="crypto"}';
const BLOCKED = 'loopsight_eventloop_blocked_seconds{thread_name="main"}';
const FOUR_THREADS = { UV_THREADPOOL_SIZE: '4' };

type Samples = Readonly<Record<string, number>>;

/** The samples of the pool and how long the loop is blocked, without the label of the version. */
function samplesOf(text: string): Samples {
  const samples: Record<string, number> = {};
  for (const line of text.split('\n')) {
    if (!/^loopsight_threadpool_|^loopsight_eventloop_blocked/.test(line)) continue;
    const end = line.lastIndexOf(' ');
    const name = line
      .slice(0, end)
      .replace(/,?service_version="[^"]*"/, '')
      .replace(/\{,/, '{')
      .replace('{}', '');
    samples[name] = Number(line.slice(end + 1));
  }
  return samples;
}

async function startProgram(t: TestContext) {
  const program = await startInstrumented<{ app: string; metrics: string }>('thread-pool.mjs', FOUR_THREADS);
  t.after(() => program[Symbol.asyncDispose]());
  const { app, metrics } = program.said;
  return {
    pid: Number(program.child.pid),
    async tell(command: string, options: object = {}): Promise<void> {
      await (await fetch(app, { method: 'POST', body: JSON.stringify({ command, ...options }) })).text();
    },
    read: async (): Promise<Samples> => samplesOf(await (await fetch(metrics)).text()),
  };
}

test('20 derivations of keys at once are 4 that run and 16 that wait', async (t) => {
  const { tell, read } = await startProgram(t);
  // Each of them takes seconds; the program is ended before.
  await tell('derive', { count: 20, iterations: 6_000_000 });
  const samples = await eventually(read, (now) => now[RUNNING] === 4 && now[CRYPTO] === 16);
  assert.equal(samples[SIZE], 4);
});

test('functions that CommonJS took out of their module at once are seen too', async () => {
  const { stdout, stderr } = await runNode(
    [
      '--require',
      registerFiles.require,
      '-e',
      `const { pbkdf2 } = require('node:crypto');
      const { get } = require('node:http');
      // A scrape that finds the thread busy is answered without its figures.
      const scrape = (url) => get(url, async (answer) => {
        let text = '';
        for await (const part of answer.setEncoding('utf8')) text += part;
        if (!text.includes('threadpool_work="crypto"')) return scrape(url);
        // The derivations take seconds, and the end of a process waits for them.
        process.stdout.write(text, () => process.kill(process.pid, 'SIGKILL'));
      });
      require('loopsight').current().endpoint.then(({ url }) => {
        for (let begun = 0; begun < 20; begun++) pbkdf2('secret', 'salt', 6_000_000, 64, 'sha512', () => {});
        scrape(url);
      });`,
    ],
    { env: FOUR_THREADS },
  );
  const samples = samplesOf(stdout);
  assert.deepEqual([samples[RUNNING], samples[CRYPTO]], [4, 16], stderr);
});

test('probes show how long work waits, also while the main thread is blocked', async (t) => {
  const { tell, read } = await startProgram(t);
  await tell('derive', { count: 1, iterations: 1 });
  // Probes of an idle pool hardly wait; on a busy machine it may take more of them to show it.
  await eventually(read, (now) => (now[COUNT] ?? 0) >= 3 && Number(now[SUM]) / Number(now[COUNT]) < 0.1);
  await tell('hold');
  const before = await eventually(read, (now) => (now[AGE] ?? 0) > 0.1);
  await tell('block', { ms: 3000 });
  const held = await eventually(read, (now) => (now[BLOCKED] ?? 0) > 0.4);
  assert.ok(Number(held[AGE]) >= Number(before[AGE]) + 0.4, `${held[AGE]} s after ${before[AGE]} s`);
  if (tellsPoolThreads()) assert.equal(held[RUNNING], 4);
  await tell('free');
  const after = await eventually(read, (now) => now[AGE] === 0 && Number(now[SUM]) > Number(held[SUM]));
  assert.ok(Number(after[SUM]) - Number(held[SUM]) >= 0.4, `${after[SUM]} s after ${held[SUM]} s`);
  assert.equal(after[SLOW_COUNT], undefined);
  await tell('lookUp');
  await eventually(read, (now) => (now[SLOW_COUNT] ?? 0) >= 1);
});

if (tellsPoolThreads()) {
  test('a pool that nobody uses is not started, and has no series', async (t) => {
    const { pid, read } = await startProgram(t);
    const threads = () =>
      readdirSync(`/proc/${pid}/task`).filter(
        (thread) => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim() === 'libuv-worker',
      ).length;
    if (threads() > 0) return t.skip('this Node uses the pool itself');
    for (let scrape = 0; scrape < 3; scrape++) {
      assert.deepEqual(Object.keys(await read()), [BLOCKED]);
      await delay(200);
    }
    assert.equal(threads(), 0);
  });
}

for (const [name, file] of Object.entries(registerFiles)) {
  test(`a rejection that nobody handles still ends the program (${name})`, async () => {
    const { code, stderr } = await runNode([`--${name}`, file, '-e', "require('node:fs').promises.stat('/nowhere')"]);
    assert.equal(code, 1);
    assert.match(stderr, /ENOENT: no such file or directory, stat '\/nowhere'/);
  });

  test(`a program ends when its work is done, with a full pool (${name})`, async () => {
    const work =
      "for (let i = 0; i < 12; i++) require('node:crypto').pbkdf2('a', 'b', 100_000, 64, 'sha512', () => {});";
    const { code, stderr } = await runWithoutStalls([`--${name}`, file, '-e', `${work} process.on('exit', () => {});`]);
    assert.deepEqual([code, stderr], [0, '']);
  });
}
