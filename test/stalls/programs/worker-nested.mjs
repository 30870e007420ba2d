// expect {"function": "packArchive", "cause": "javascript", "thread": "packer"}
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { run, timeUp } from './harness.mjs';

function packArchive() {
  const isOver = timeUp();
  let crc = 0;
  while (!isOver()) for (let byte = 0; byte < 1000; byte++) crc = (crc * 31 + byte) | 0;
  return crc;
}

if (isMainThread) {
  const foreman = new Worker(new URL(import.meta.url), { name: 'foreman', workerData: 'foreman' });
  await once(foreman, 'message');
  await run([
    'packArchive',
    async () => {
      foreman.postMessage('pack');
      return (await once(foreman, 'message'))[0];
    },
  ]);
  await foreman.terminate();
} else if (workerData === 'foreman') {
  const packer = new Worker(new URL(import.meta.url), { name: 'packer', workerData: 'packer' });
  parentPort.on('message', (order) => packer.postMessage(order));
  packer.on('message', (ms) => parentPort.postMessage(ms));
} else {
  parentPort.postMessage('ready');
  parentPort.on('message', () => {
    const startMs = performance.now();
    packArchive();
    parentPort.postMessage(performance.now() - startMs);
  });
}
