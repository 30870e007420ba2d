// A task of a worker pool whose work is done here while a worker is held, so that its times are those of one clock.
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';

/** The file that the workers run. */
export const HELD_WORKER = fileURLToPath(new URL('held-worker.cjs', import.meta.url));

/** Calls `run` with a task and what is to be transferred with it; a worker that takes it is held until `work` is done. */
export async function heldTask(work, run) {
  const { port1, port2 } = new MessageChannel();
  port1.once('message', async () => {
    await work();
    port1.postMessage('go');
  });
  await run({ port: port2 }, [port2]);
  port1.close();
}

/** What adds tasks to `pool`, and ends it. */
export function poolOf(pool, run, close) {
  const add = (work) => heldTask(work, run);
  add.close = async () => {
    await close(pool);
  };
  return add;
}
