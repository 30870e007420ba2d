// Each library at its current version, loaded by `import` and by `require`: what is found of a known pile-up, and that
// nothing is left of it. A library is a file in test/libraries/programs and a row here.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type ParsedMetrics, parseText } from '../../src/prometheus/parse.js';
import { CAPACITY, TASKS } from '../libraries/programs/pile.mjs';
import { eventually } from '../support/eventually.js';
import { registerEsm, root } from '../support/instrumented.js';

/** Programs in test/libraries/programs, and the `queue.type` that they show. */
const TYPES = {
  'p-queue': 'p-queue',
  'p-limit': 'p-limit',
  fastq: 'fastq',
  'fastq-promise': 'fastq',
  async: 'async',
  'async-priority': 'async',
  'async-file': 'async',
  bottleneck: 'bottleneck',
  piscina: 'piscina',
  tinypool: 'tinypool',
  workerpool: 'workerpool',
  poolifier: 'poolifier',
} as const;

/** Seconds for each task, between two moments. */
interface Truth {
  readonly least: readonly number[];
  readonly most: readonly number[];
}

describe('a pile-up of 100 tasks of 50 ms at concurrency 4', { concurrency: 8 }, () => {
  for (const [library, type] of Object.entries(TYPES)) {
    for (const format of ['import', 'require'] as const) {
      test(`${library}, by ${format}`, { timeout: 180_000 }, () => findPileUp(library, type, format));
    }
  }
});

async function findPileUp(library: string, type: string, format: string): Promise<void> {
  const program = join(root, 'test/libraries/programs/pile-up.mjs');
  const child = fork(program, [library, format], {
    execArgv: ['--expose-gc', '--import', registerEsm],
    env: { ...process.env, NODE_OPTIONS: '', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  });
  try {
    await answerOf(child);
    const url = await ask<string>(child, 'url');
    const name = `programs/${library}.mjs`;
    const figures = async () => figuresOf(parseText(await (await fetch(url)).text()), name, type);
    // The queue is there since it was created, under the name of its place; workers have run a few tasks already.
    const before = await eventually(
      figures,
      ({ capacity, running, depth }) => capacity === CAPACITY && running === 0 && depth === 0,
    );

    await ask(child, 'pile');
    await eventually(
      () => ask<number>(child, 'running'),
      (running) => running === CAPACITY,
    );
    const piled = await eventually(figures, ({ added, depth }) => added - before.added === TASKS && depth < TASKS);
    assert.deepEqual(
      { depth: piled.depth, running: piled.running, capacity: piled.capacity },
      { depth: TASKS - CAPACITY, running: CAPACITY, capacity: CAPACITY },
    );
    assert.ok(piled.oldestAgeS > 0, 'those that wait have an age');

    const truth = await ask<Record<'waits' | 'runs', Truth>>(child, 'finish');
    const done = await eventually(figures, ({ completed }) => completed - before.completed === TASKS);
    assert.deepEqual(
      { depth: done.depth, running: done.running, failed: done.failed },
      { depth: 0, running: 0, failed: 0 },
    );
    assertLike(since(before.wait, done.wait), truth.waits, 'wait');
    assertLike(since(before.run, done.run), truth.runs, 'run');

    await ask(child, 'forget');
    await eventually(figures, ({ series }) => series === 0);
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

async function ask<T>(child: ChildProcess, question: string): Promise<T> {
  const answer = answerOf<T>(child);
  child.send(question);
  return await answer;
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`The program ended with ${signal ?? `exit code ${code}`}`);
  });
  const [{ answer }] = (await Promise.race([once(child, 'message'), ended])) as [{ answer: T }];
  return answer;
}

interface Histogram {
  readonly count: number;
  readonly sum: number;
  /** How many values are at most so many seconds. */
  readonly below: ReadonlyMap<number, number>;
}

function figuresOf(metrics: ParsedMetrics, name: string, type: string) {
  const samples = [...metrics.families.values()]
    .flatMap((family) => family.samples)
    .filter(({ labels }) => labels.queue_name === name && labels.queue_type === type);
  const value = (metric: string, state?: string) =>
    samples.find(
      (sample) => sample.name === metric && (state === undefined || sample.labels.queue_task_state === state),
    )?.value ?? Number.NaN;
  const histogram = (metric: string): Histogram => ({
    count: value(`${metric}_count`),
    sum: value(`${metric}_sum`),
    below: new Map(
      samples
        .filter((sample) => sample.name === `${metric}_bucket`)
        .map((sample) => [Number(sample.labels.le?.replace('+Inf', 'Infinity')), sample.value]),
    ),
  });
  return {
    series: samples.length,
    depth: value('loopsight_queue_depth'),
    running: value('loopsight_queue_running'),
    capacity: value('loopsight_queue_capacity'),
    oldestAgeS: value('loopsight_queue_oldest_age_seconds'),
    added: value('loopsight_queue_tasks_total', 'added'),
    completed: value('loopsight_queue_tasks_total', 'completed'),
    failed: value('loopsight_queue_tasks_total', 'failed'),
    wait: histogram('loopsight_queue_wait_duration_seconds'),
    run: histogram('loopsight_queue_run_duration_seconds'),
  };
}

function since(before: Histogram, now: Histogram): Histogram {
  const below = [...now.below].map(([bound, count]) => [bound, count - (before.below.get(bound) ?? 0)] as const);
  return { count: now.count - before.count, sum: now.sum - before.sum, below: new Map(below) };
}

/** Every value may be one bucket off, and no more. */
function assertLike({ count, sum, below }: Histogram, { least, most }: Truth, what: string): void {
  assert.equal(count, most.length, `${what}: every task is counted`);
  const bounds = [...below.keys()];
  const within = (values: readonly number[], bound: number) => values.filter((value) => value <= bound).length;
  for (const [index, bound] of bounds.entries()) {
    const found = below.get(bound) ?? Number.NaN;
    const [from, to] = [within(most, bound), within(least, bound)];
    const isLike =
      found >= within(most, bounds[index - 1] ?? Number.NEGATIVE_INFINITY) &&
      found <= within(least, bounds[index + 1] ?? Number.POSITIVE_INFINITY);
    assert.ok(isLike, `${what} of at most ${bound} s: ${found}, in truth ${from} to ${to}`);
  }
  const [from, to] = [total(least), total(most)];
  assert.ok(sum >= 0.9 * from && sum <= 1.1 * to, `${what}: ${sum} s in all, in truth ${from} to ${to} s`);
}

const total = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
