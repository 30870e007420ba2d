// Lets a worker block on demand, and takes its own word for how long.
import { parentPort, Worker } from 'node:worker_threads';
import { run } from './harness.mjs';

/** Starts the file as a worker of this name and has it block on the schedule. */
export async function runInWorker(file, name, functionName) {
  const worker = new Worker(new URL(file), { name });
  await run([
    functionName,
    () =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage('block');
      }),
  ]);
  await worker.terminate();
}

/** In the worker: calls `block` for each message. */
export function answer(block) {
  parentPort.on('message', () => {
    const startMs = performance.now();
    block();
    parentPort.postMessage(performance.now() - startMs);
  });
}
