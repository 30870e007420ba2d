// Writes to standard error from a thread that must not depend on the main one, as a worker's console does.
import { writeSync } from 'node:fs';
import { STANDARD_ERROR } from './log.js';

/** A pipe that is full is waited for this often and long. */
const ATTEMPTS = 50;
const WAIT_MS = 4;

/** Writes `text` as it is; never throws. What a reader does not take within 0.2 s is left out. */
export function writeError(text: string): void {
  const bytes = Buffer.from(text);
  let attempts = 0;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(STANDARD_ERROR, bytes, written);
      attempts = 0;
    } catch (error) {
      // Standard error may be closed; there is nowhere left to say so.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++attempts > ATTEMPTS) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
