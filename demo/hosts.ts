// The hosts that are restarted; restarting one takes a while and fails one time in five.
import { setTimeout as wait } from 'node:timers/promises';
import { Traced } from 'loopsight';
import type { Faults } from './faults.js';
import { HostKeys } from './host-keys.js';

const FAILURE_RATE = 0.2;
const RESTART_MS = { least: 100, most: 300 };
/** A key is good for so many restarts. */
const RESTARTS_PER_KEY = 15;

export class Hosts {
  readonly #keys: HostKeys;
  #restarts = 0;

  constructor(faults: Faults) {
    this.#keys = new HostKeys(faults);
  }

  @Traced()
  async restart(host: string): Promise<void> {
    if (this.#restarts++ % RESTARTS_PER_KEY === 0) await this.#keys.deriveKey(host);
    await wait(RESTART_MS.least + Math.random() * (RESTART_MS.most - RESTART_MS.least));
    if (Math.random() < FAILURE_RATE) throw new Error(`${host} did not come back`);
  }
}
