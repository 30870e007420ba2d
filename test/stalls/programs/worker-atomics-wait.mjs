// expect {"function": "awaitTurn", "cause": "wait", "thread": "printer"}
import { isMainThread } from 'node:worker_threads';
import { stallMs } from './harness.mjs';
import { answer, runInWorker } from './in-worker.mjs';

const gate = new Int32Array(new SharedArrayBuffer(4));

function awaitTurn() {
  Atomics.wait(gate, 0, 0, stallMs);
}

if (isMainThread) await runInWorker(import.meta.url, 'printer', 'awaitTurn');
else answer(awaitTurn);
