// Reads the service's log from standard input, with pauses, as a collector does that is busy elsewhere now and then.
import { readSync } from 'node:fs';

const READS_FOR_MS = 500;
const PAUSES_FOR_MS = 500;

const chunk = Buffer.alloc(64 * 1024);
const never = new Int32Array(new SharedArrayBuffer(4));
let pauseDueMs = performance.now() + READS_FOR_MS;

// The end of the file comes when the service has gone.
while (readSync(0, chunk) > 0) {
  if (performance.now() < pauseDueMs) continue;
  // It has nothing else to do, so that it may simply sleep.
  Atomics.wait(never, 0, 0, PAUSES_FOR_MS);
  pauseDueMs = performance.now() + READS_FOR_MS;
}
