import { HELD_WORKER, poolOf } from './held-task.mjs';
import { CAPACITY } from './pile.mjs';

export async function create(load) {
  const { default: Piscina } = await load('piscina');
  const pool = new Piscina({ filename: HELD_WORKER, minThreads: CAPACITY, maxThreads: CAPACITY });
  const run = (task, transferList) => pool.run(task, { transferList });
  return poolOf(pool, run, (ending) => ending.destroy());
}
