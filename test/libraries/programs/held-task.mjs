// A task of a worker pool whose work is done here while a worker is held, so that its times are those of one clock.
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { CAPACITY } from './pile.mjs';

/** The file that the workers run. */
export const HELD_WORKER = fileURLToPath(new URL('held-worker.cjs', import.meta.url));

/**
 * Calls `run` with a task and what is to be transferred with it; a worker that takes it is held until `work` is done.
 * Resolves with the times at which the worker began and ended.
 */
export async function heldTask(work, run) {
  const { port1, port2 } = new MessageChannel();
  port1.once('message', async () => {
    await work();
    port1.postMessage('go');
  });
  const times = await run({ port: port2 }, [port2]);
  port1.close();
  return times;
}

/** What adds tasks to `pool`, and ends it. Each of its workers has run a task: its first one takes longer to begin. */
export async function poolOf(pool, run, close) {
  const add = (work) => heldTask(work, run);
  for (let round = 0; round < 3; round++)
    await Promise.all(Array.from({ length: CAPACITY }, () => add(() => delay(10))));
  add.close = async () => {
    await close(pool);
  };
  return add;
}
