// How many stacks may be taken: each costs some microseconds, far more than all else that is done for a use of a lock.

/** So many at once, such as of all who wait when something piles up. */
const MOST_AT_ONCE = 200;
/** So many a second for as long as it lasts: less than half a percent of a processor. */
const PER_SECOND = 500;

/**
 * A budget that fills up again with time. Locks that are used less often than that have the stack of every use; of others
 * those of some, and a long hold of theirs may be told of without its code.
 */
export class StackBudget {
  #left = MOST_AT_ONCE;
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** Whether a stack may be taken at `nowMs`, which it is then. */
  take(nowMs: number): boolean {
    this.#left = Math.min(MOST_AT_ONCE, this.#left + ((nowMs - this.#sinceMs) * PER_SECOND) / 1000);
    this.#sinceMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
