// expect {"function": "takeLock", "cause": "wait", "thread": "main"}
import { run, stallMs } from './harness.mjs';

const lock = new Int32Array(new SharedArrayBuffer(4));

function takeLock() {
  Atomics.wait(lock, 0, 0, stallMs);
}

await run(['takeLock', () => takeLock()]);
