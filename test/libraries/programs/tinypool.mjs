import { HELD_WORKER, poolOf } from './held-task.mjs';
import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { Tinypool } = await load('tinypool');
  const pool = new Tinypool({ filename: HELD_WORKER, minThreads: CAPACITY, maxThreads: CAPACITY });
  const run = (task, transferList) => pool.run(task, { transferList });
  return poolOf(pool, run, (ending) => ending.destroy());
}
