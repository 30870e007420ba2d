// Eight workers, of which three are blocked: in a loop, in Atomics.wait, and in execSync. Or those of the kinds that it is told.
import { execSync } from 'node:child_process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const KINDS = process.argv[2]?.split(',') ?? ['idle', 'idle', 'idle', 'loop', 'wait', 'exec', 'busy', 'idle'];

function spinInWorker() {
  for (;;);
}

function waitInWorker() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function execInWorker() {
  execSync('sleep 60');
}

function workNowAndThen() {
  const endMs = performance.now() + 20;
  while (performance.now() < endMs);
  setTimeout(workNowAndThen, 20);
}

if (isMainThread) {
  let pending = KINDS.length;
  for (const kind of KINDS) {
    new Worker(new URL(import.meta.url), { name: kind, workerData: kind }).once('message', () => {
      pending--;
      if (pending === 0) console.log('ready');
    });
  }
  setInterval(() => {}, 60_000);
} else {
  setInterval(() => {}, 60_000);
  parentPort.postMessage('here');
  // The message has left when the loop has turned.
  const block = { loop: spinInWorker, wait: waitInWorker, exec: execInWorker, busy: workNowAndThen }[workerData];
  setTimeout(() => block?.(), 100);
}
