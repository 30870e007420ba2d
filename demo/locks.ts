// Locks by name: one holder at a time of each, and those that wait get it in their order.
import { monitorLock } from 'loopsight';

/** One lock; `acquire` resolves when it is the caller's turn. */
class Lock {
  readonly #waiting: (() => void)[] = [];
  #isHeld = false;

  get isFree(): boolean {
    return !this.#isHeld;
  }

  async acquire(): Promise<void> {
    if (this.#isHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isHeld = true;
  }

  release(): void {
    const next = this.#waiting.shift();
    // Handed over while it is held, so that nobody comes in between.
    if (next === undefined) this.#isHeld = false;
    else next();
  }
}

export class Locks {
  readonly #metricsName: string;
  readonly #locks = new Map<string, Lock>();

  /** All of them share one name in the metrics: names of single locks come from clients. */
  constructor(metricsName: string) {
    this.#metricsName = metricsName;
  }

  /** Runs `work` once nobody else holds the lock `name`, and holds it until the promise of `work` has settled. */
  async hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    const lock = this.#lockOf(name);
    await lock.acquire();
    try {
      return await work();
    } finally {
      lock.release();
      // A lock that nobody waits for must not stay.
      if (lock.isFree) this.#locks.delete(name);
    }
  }

  #lockOf(name: string): Lock {
    let lock = this.#locks.get(name);
    if (lock === undefined) {
      lock = new Lock();
      monitorLock(lock, this.#metricsName);
      this.#locks.set(name, lock);
    }
    return lock;
  }
}
