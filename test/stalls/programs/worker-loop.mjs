// expect {"function": "scaleImage", "cause": "javascript", "thread": "images"}
import { isMainThread } from 'node:worker_threads';
import { timeUp } from './harness.mjs';
import { answer, runInWorker } from './in-worker.mjs';

function scaleImage() {
  const isOver = timeUp();
  let pixel = 0;
  while (!isOver()) for (let column = 0; column < 1000; column++) pixel += Math.sin(column);
  return pixel;
}

if (isMainThread) await runInWorker(import.meta.url, 'images', 'scaleImage');
else answer(scaleImage);
