// Announces how restarts ended: a loop sends (in pretence) what is in its outbox, and waits while that is empty.
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import type { Faults } from './faults.js';

const SEND_MS = 1;

export class Announcer {
  readonly #spins: boolean;
  readonly #outbox: string[] = [];
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(faults: Faults) {
    this.#spins = faults.has('busy-yield');
    void this.#run();
  }

  announce(line: string): void {
    this.#outbox.push(line);
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#waitForLines();
      this.#outbox.length = 0;
      await wait(SEND_MS);
    }
  }

  async #waitForLines(): Promise<void> {
    const mayWait = () => this.#outbox.length === 0 && !this.#stopped;
    // The fault: everybody else gets a turn in between, but the loop never sleeps.
    if (this.#spins) while (mayWait()) await setImmediate();
    else if (mayWait()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
