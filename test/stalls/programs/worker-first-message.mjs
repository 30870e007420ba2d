// expect {"function": "encodeFrame", "cause": "javascript", "thread": "encoder"}
import { isMainThread, Worker } from 'node:worker_threads';
import { run, timeUp } from './harness.mjs';
import { answer } from './in-worker.mjs';

function encodeFrame() {
  const isOver = timeUp();
  let sum = 0;
  while (!isOver()) for (let byte = 0; byte < 1000; byte++) sum += Math.sqrt(byte);
  return sum;
}

// A worker for each piece of work, which was sent before the worker has started.
const once = () =>
  new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { name: 'encoder' });
    worker.postMessage('block');
    worker.once('message', async (ms) => {
      await worker.terminate();
      resolve(ms);
    });
  });

if (isMainThread) await run(['encodeFrame', once]);
else answer(encodeFrame);
