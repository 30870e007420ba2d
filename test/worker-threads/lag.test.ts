// Lag of worker threads as a scrape shows it: while they are blocked, while the main thread is, and after their end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Instrumented, registerCjs, registerEsm, startInstrumented } from '../support/instrumented.js';
import { runWithoutStalls, withoutStalls } from '../support/run-node.js';

interface Addresses {
  readonly app: string;
  readonly metrics: string;
}

/** What one scrape says of the threads of one name. */
interface Lag {
  readonly count: number;
  readonly sum: number;
  readonly blocked: number;
}

/** For what is to happen at some time, in milliseconds. */
const PATIENCE_MS = 60_000;

async function startProgram(nodeArguments: readonly string[] = ['--import', registerEsm], nodeOptions = '') {
  const env: Record<string, string> = nodeOptions === '' ? {} : { NODE_OPTIONS: nodeOptions };
  const program: Instrumented<Addresses> = await startInstrumented('worker-threads.mjs', env, nodeArguments);
  const { app, metrics } = program.said;

  async function tell(command: string, options: object = {}): Promise<unknown> {
    const answer = await fetch(app, { method: 'POST', body: JSON.stringify({ command, ...options }) });
    return answer.json();
  }
  async function scrape(): Promise<string> {
    return (await fetch(metrics)).text();
  }
  const lagOf = async (name: string): Promise<Lag> => lagIn(await scrape(), name);
  async function lagWhen(name: string, condition: (lag: Lag) => boolean): Promise<Lag> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(25)) {
      const lag = await lagOf(name);
      if (condition(lag)) return lag;
      assert.ok(Date.now() < deadline, `${name}: ${JSON.stringify(lag)} ${program.stderr()}`);
    }
  }
  return {
    tell,
    scrape,
    lagOf,
    lagWhen,
    stderr: () => withoutStalls(program.stderr()),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function lagIn(text: string, name: string): Lag {
  const value = (metric: string) => sampleOf(text, metric, `thread_name="${name}"`);
  return {
    count: value('loopsight_eventloop_lag_seconds_count'),
    sum: value('loopsight_eventloop_lag_seconds_sum'),
    blocked: value('loopsight_eventloop_blocked_seconds'),
  };
}

/** How long the arrivals between two scrapes waited in the mean, in seconds. */
const meanOf = (from: Lag, to: Lag): number => (to.sum - from.sum) / (to.count - from.count);

// NaN where there is no such sample.
function sampleOf(text: string, metric: string, label = ''): number {
  const line = text.split('\n').find((sample) => sample.startsWith(metric) && sample.includes(label));
  return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ') + 1));
}

test('a worker that is blocked half of its time shows it, one that is not does not; nothing goes down at their end', async () => {
  await using program = await startProgram();
  await Promise.all([
    program.tell('begin', { key: 'busy', kind: 'half', name: 'busy' }),
    program.tell('begin', { key: 'calm', kind: 'idle', name: 'calm' }),
  ]);
  await Promise.all(['busy', 'calm'].map((name) => program.lagWhen(name, ({ count }) => count > 0)));
  let busy: Lag;
  // On a machine with much to do a loop is late that is not blocked: until one stretch was without.
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const text = await program.scrape();
    const start = { busy: lagIn(text, 'busy'), calm: lagIn(text, 'calm') };
    await program.lagWhen('calm', ({ count }) => count >= start.calm.count + 40);
    busy = await program.lagWhen('busy', ({ count }) => count >= start.busy.count + 200);
    const calm = await program.lagOf('calm');
    // Half of the arrivals wait 50 ms in the mean: 25 ms. They are random, so that 10 ms is out by five standard deviations.
    const means = { busy: meanOf(start.busy, busy), calm: meanOf(start.calm, calm) };
    assert.ok(means.busy > 0.01, JSON.stringify(means));
    if (means.calm < means.busy / 2) break;
    assert.ok(Date.now() < deadline, JSON.stringify(means));
  }

  await program.tell('end', { key: 'busy' });
  const ended = await program.lagOf('busy');
  assert.ok(ended.count >= busy.count && ended.sum >= busy.sum, JSON.stringify({ busy, ended }));
  assert.ok(Number.isNaN(ended.blocked), `an ended thread is not blocked: ${ended.blocked}`);
  await program.tell('begin', { key: 'again', kind: 'idle', name: 'busy' });
  const again = await program.lagWhen('busy', ({ count, blocked }) => count > ended.count && blocked === 0);
  assert.ok(again.sum >= ended.sum);
  assert.equal(program.stderr(), '');
});

for (const [how, kind] of [
  ['a loop without end', 'spin'],
  ['Atomics.wait', 'wait'],
] as const) {
  test(`a worker blocked for ever by ${how} keeps its lag and says how long, after it was ended no more`, async () => {
    await using program = await startProgram();
    await program.tell('begin', { key: 'stuck', kind, name: 'stuck' });
    // Longer than a thread that is not blocked waits for a processor.
    const early = await program.lagWhen('stuck', ({ blocked }) => blocked > 1);
    const late = await program.lagWhen('stuck', ({ blocked }) => blocked > early.blocked + 0.2);
    assert.ok(early.count > 0 && late.count === early.count, JSON.stringify({ early, late }));
    await program.tell('end', { key: 'stuck' });
    const ended = await program.lagOf('stuck');
    assert.deepEqual({ ...ended, blocked: 0 }, { ...late, blocked: 0 });
    assert.ok(Number.isNaN(ended.blocked));
  });
}

test('the lag of a worker and of its own worker goes on while the main thread is blocked', async () => {
  await using program = await startProgram();
  await program.tell('begin', { key: 'outer', kind: 'nest', name: 'outer' });
  const before = await program.lagWhen('nested', ({ count }) => count > 5);
  await program.lagWhen('outer', ({ count }) => count > 0);
  await program.tell('block');
  await program.lagWhen('main', ({ blocked }) => blocked > 0.3);
  const outer = await program.lagOf('outer');
  await program.lagWhen('outer', ({ count }) => count > outer.count);
  const during = await program.lagWhen('nested', ({ count }) => count > before.count + 10);
  assert.ok(during.sum > before.sum, JSON.stringify({ before, during }));
});

test('a worker’s worker ends with it', async () => {
  await using program = await startProgram(['--require', registerCjs]);
  await program.tell('begin', { key: 'outer', kind: 'nest', name: 'outer' });
  await program.lagWhen('outer', ({ count }) => count > 0);
  assert.equal(await program.tell('slots'), 2);
  await program.tell('end', { key: 'outer' });
  assert.equal(await program.tell('slots'), 0);
});

test('workers of one name add up, and the longest block of them counts', async () => {
  await using program = await startProgram();
  const pool = ['a', 'b', 'c'].map((key) => program.tell('begin', { key, kind: 'idle', name: 'pool' }));
  await Promise.all([...pool, program.tell('begin', { key: 'one', kind: 'idle', name: 'one' })]);
  // Of one scrape, because the arrivals do not wait for the next one.
  const both = async () => {
    const text = await program.scrape();
    return { one: lagIn(text, 'one').count, pool: lagIn(text, 'pool').count };
  };
  await program.lagWhen('one', ({ count }) => count > 0);
  await program.lagWhen('pool', ({ count }) => count > 0);
  const start = await both();
  await program.lagWhen('pool', ({ count }) => count >= start.pool + 150);
  const end = await both();
  // Three times as many; arrivals are random, so that less than 1.8 times is out by four standard deviations.
  assert.ok(end.pool - start.pool > 1.8 * (end.one - start.one), JSON.stringify({ start, end }));
  await program.lagWhen('pool', ({ blocked }) => blocked === 0);
  await program.tell('begin', { key: 'd', kind: 'spin', name: 'pool' });
  const stuck = await program.lagWhen('pool', ({ blocked }) => blocked > 0.3);
  await program.lagWhen('pool', ({ count }) => count > stuck.count);
  await program.tell('end', { key: 'd' });
  await program.lagWhen('pool', ({ blocked }) => blocked === 0);
});

test('100 short-lived workers end well and leave no place taken', async () => {
  await using program = await startProgram();
  assert.deepEqual(await program.tell('brief', { count: 100 }), [0]);
  assert.equal(await program.tell('slots'), 0);
  assert.equal(program.stderr(), '');
});

test('a worker for which there is no room runs, and is counted', async () => {
  await using program = await startProgram();
  await program.tell('fill');
  await program.tell('begin', { key: 'late', kind: 'idle', name: 'late' });
  const text = await program.scrape();
  assert.equal(sampleOf(text, 'loopsight_self_threads_unwatched_total'), 1);
  assert.ok(Number.isNaN((await program.lagOf('late')).count));
  assert.equal(program.stderr(), '');
});

for (const [how, start, options] of [
  ['execArgv of its own', () => startProgram(), { execArgv: [] }],
  ['an environment of its own', () => startProgram([], `--import ${registerEsm}`), { env: {} }],
] as const) {
  test(`a worker with ${how} runs without lag`, async () => {
    await using program = await start();
    await program.tell('begin', { key: 'control', kind: 'idle', name: 'control' });
    await program.tell('begin', { key: 'bare', kind: 'idle', name: 'bare', ...options });
    await program.lagWhen('control', ({ count }) => count > 0);
    let text = '';
    for (const deadline = Date.now() + PATIENCE_MS; sampleOf(text, 'loopsight_workers', 'thread_name="bare"') !== 1; ) {
      assert.ok(Date.now() < deadline, 'the worker is found');
      text = await program.scrape();
    }
    assert.ok(Number.isNaN(sampleOf(text, 'loopsight_eventloop_lag_seconds_count', 'thread_name="bare"')));
  });
}

for (const preload of ['--import', '--require'] as const) {
  test(`a worker under ${preload} ends when it has nothing to do, and has no more to say than without us`, async () => {
    // Not `eval: true`, into which Node loads nothing that --import names. We are there: we listen for workers of its own.
    const worker =
      'data:text/javascript,setTimeout(() => console.log("done", process.listenerCount("worker") > 0), 100)';
    const code = `new (require('node:worker_threads').Worker)(new URL('${worker}')).on('exit', (code) => console.log(code));`;
    const file = preload === '--import' ? registerEsm : registerCjs;
    const run = await runWithoutStalls([preload, file, '--eval', code]);
    assert.deepEqual(run, { code: 0, signal: null, stdout: 'done true\n0\n', stderr: '' });
  });
}
