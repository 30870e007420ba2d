// A worker thread of workers.mjs that has little to do: a timer of its own, so that its loop turns.
import { parentPort, workerData } from 'node:worker_threads';

if (workerData === 'idle') setInterval(() => {}, 100);
let left = 0;
if (workerData === 'sink') {
  parentPort.on('message', (count) => {
    if (count > 0) left = count;
    else if (--left === 0) parentPort.postMessage('done');
  });
}
