import { HELD_WORKER, poolOf } from './held-task.mjs';
import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { pool: createPool } = (await load('workerpool')).default;
  const pool = createPool(HELD_WORKER, {
    minWorkers: CAPACITY,
    maxWorkers: CAPACITY,
    workerType: 'thread',
    workerThreadOpts: { env: { ...process.env, HELD_LIBRARY: 'workerpool' } },
  });
  const run = (task, transfer) => pool.exec('hold', [task], { transfer });
  return poolOf(pool, run, (ending) => ending.terminate());
}
