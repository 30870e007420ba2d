// expect {"function": "hashChunk", "cause": "javascript", "thread": "hasher"}
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { run, timeUp } from './harness.mjs';

function hashChunk() {
  const isOver = timeUp();
  let sum = 0;
  while (!isOver()) for (let byte = 0; byte < 1000; byte++) sum += Math.sqrt(byte);
  return sum;
}

// A worker for each piece of work, which ends with it and turns no more.
const once = () =>
  new Promise((resolve) => {
    let ms = 0;
    new Worker(new URL(import.meta.url), { name: 'hasher' })
      .on('message', (told) => {
        ms = told;
      })
      .on('exit', () => resolve(ms));
  });

if (isMainThread) await run(['hashChunk', once]);
else
  setTimeout(() => {
    const startMs = performance.now();
    hashChunk();
    parentPort.postMessage(performance.now() - startMs);
  }, 250);
