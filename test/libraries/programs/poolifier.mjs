import { once } from 'node:events';
import { HELD_WORKER, poolOf } from './held-task.mjs';
import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { FixedThreadPool } = await load('poolifier');
  const pool = new FixedThreadPool(CAPACITY, HELD_WORKER, {
    enableTasksQueue: true,
    tasksQueueOptions: { concurrency: 1, size: 1000 },
    workerOptions: { env: { ...process.env, HELD_LIBRARY: 'poolifier' } },
  });
  await once(pool.emitter, 'ready');
  const run = (task, transferList) => pool.execute(task, undefined, undefined, transferList);
  return poolOf(pool, run, (ending) => ending.destroy());
}
