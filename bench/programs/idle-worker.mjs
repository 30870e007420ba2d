// A worker thread of workers.mjs that has little to do.
import { parentPort, workerData } from 'node:worker_threads';

// A timer of its own, so that its loop turns.
if (workerData === 'idle') setInterval(() => {}, 100);
// What an idle worker is compared with.
if (workerData === 'timer') setInterval(() => {}, 50);
if (workerData === 'nothing' || workerData === 'timer') parentPort.on('message', () => {});
let left = 0;
if (workerData === 'sink') {
  parentPort.on('message', (count) => {
    if (count > 0) left = count;
    else if (--left === 0) parentPort.postMessage('done');
  });
}
