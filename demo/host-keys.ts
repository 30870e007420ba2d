// The keys that authorise restarts, derived from the host's name.
import { pbkdf2, pbkdf2Sync } from 'node:crypto';
import { promisify } from 'node:util';
import { Traced } from 'loopsight';
import type { Faults } from './faults.js';

/** Makes a derivation last 150 to 250 ms of CPU time on the machines of 2026. */
const ITERATIONS = 300_000;
const KEY_BYTES = 64;

const derive = promisify(pbkdf2);

export class HostKeys {
  readonly #synchronous: boolean;

  constructor(faults: Faults) {
    this.#synchronous = faults.has('sync-call');
  }

  @Traced()
  async deriveKey(host: string): Promise<Buffer> {
    // The fault: the same work without the thread pool, while everything else in the process waits.
    if (this.#synchronous) return pbkdf2Sync(host, 'mayhem', ITERATIONS, KEY_BYTES, 'sha512');
    return derive(host, 'mayhem', ITERATIONS, KEY_BYTES, 'sha512');
  }
}
