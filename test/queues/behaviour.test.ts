// Looking on changes nothing of what the libraries do, and every task that came in is accounted for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parseText } from '../../src/prometheus/parse.js';
import { registerFiles, root, runNode } from '../support/run-node.js';

interface Said {
  readonly said: Readonly<Record<string, readonly unknown[]>>;
  readonly metrics: string;
}

/** What becomes of the tasks of the program: those that were added, completed, failed and were dropped. */
const TASKS: Readonly<Record<string, readonly number[]>> = {
  'p-queue': [21, 12, 5, 4],
  'p-limit': [18, 15, 2, 1],
  fastq: [15, 11, 2, 2],
  async: [16, 12, 2, 2],
  bottleneck: [10, 5, 2, 3],
};
const STATES = ['added', 'completed', 'failed', 'dropped'];

async function run(queues: 'on' | 'off'): Promise<Said> {
  const program = join(root, 'test/libraries/programs/behaviour.mjs');
  const env = { LOOPSIGHT_QUEUES: queues, LOOPSIGHT_LOG: 'off' };
  const { stdout, stderr, code } = await runNode(['--import', registerFiles.import, program], { env });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Said;
}

describe('libraries whose queues are found', () => {
  let watched: Said;
  let alone: Said;
  before(async () => {
    [watched, alone] = await Promise.all([run('on'), run('off')]);
  });

  for (const part of ['pQueue', 'pLimit', 'fastQueue', 'asyncQueue', 'limiter', 'unhandled']) {
    test(`${part} is as without us`, () => {
      assert.ok((alone.said[part]?.length ?? 0) > 0, 'the program says something');
      assert.deepEqual(watched.said[part], alone.said[part]);
    });
  }

  for (const [type, expected] of Object.entries(TASKS)) {
    test(`the tasks of ${type}, and nobody is left`, () => {
      const samples = [...parseText(watched.metrics).families.values()]
        .flatMap((family) => family.samples)
        .filter(({ labels }) => labels.queue_type === type);
      const sum = (metric: string, state?: string) =>
        samples
          .filter(({ name, labels }) => name === metric && labels.queue_task_state === state)
          .reduce((all, { value }) => all + value, 0);
      const counted = STATES.map((state) => sum('loopsight_queue_tasks_total', state));
      assert.deepEqual(counted, expected);
      assert.deepEqual([sum('loopsight_queue_depth'), sum('loopsight_queue_running')], [0, 0]);
    });
  }

  test('nothing is found where it is switched off', () => {
    assert.doesNotMatch(alone.metrics, /queue_type/);
  });
});
