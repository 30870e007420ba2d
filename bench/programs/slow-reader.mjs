// Reads standard input as a log collector does that is busy at times: it pauses for 300 ms of each second.
import { readSync } from 'node:fs';

const PAUSE_EVERY_MS = 1000;
const PAUSE_MS = 300;

const chunk = Buffer.alloc(64 * 1024);
const still = new Int32Array(new SharedArrayBuffer(4));
let pauseAtMs = performance.now() + PAUSE_EVERY_MS;

while (readSync(0, chunk) > 0) {
  if (performance.now() < pauseAtMs) continue;
  Atomics.wait(still, 0, 0, PAUSE_MS);
  pauseAtMs = performance.now() + PAUSE_EVERY_MS - PAUSE_MS;
}
