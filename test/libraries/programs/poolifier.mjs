import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { HELD_WORKER, poolOf } from './held-task.mjs';
import { CAPACITY } from './pile.mjs';

const LOST_MS = 1500;

export async function create(load) {
  const { FixedThreadPool } = await load('poolifier');
  const pool = new FixedThreadPool(CAPACITY, HELD_WORKER, {
    enableTasksQueue: true,
    tasksQueueOptions: { concurrency: 1, size: 1000 },
    workerOptions: { env: { ...process.env, HELD_LIBRARY: 'poolifier' } },
  });
  await once(pool.emitter, 'ready');
  const run = (task, transferList) => pool.execute(task, undefined, undefined, transferList);
  return poolOf(pool, run, destroy);
}

// A worker's answer to its end may get lost, and the pool then waits for ever.
async function destroy(pool) {
  const workers = pool.workerNodes.map(({ worker }) => worker);
  await Promise.race([pool.destroy(), delay(LOST_MS)]);
  await Promise.all(workers.map((worker) => worker.terminate()));
}
