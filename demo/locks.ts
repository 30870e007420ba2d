// Locks by name: one holder at a time of each, and those that wait get it in their order.

export class Locks {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` once nobody else holds the lock `name`, and holds it until the promise of `work` has settled. */
  hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    const held = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const release = () => {
      // Names come from clients, so that a lock nobody waits for must not stay.
      if (this.#last.get(name) === released) this.#last.delete(name);
    };
    const released: Promise<void> = held.then(release, release);
    this.#last.set(name, released);
    return held;
  }
}
