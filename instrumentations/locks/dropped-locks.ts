// Locks that the application dropped while they were held, or while somebody waited: nobody will ever give them back.
import type { LockUse } from './lock-use.js';
import type { WatchedLock } from './watched-lock.js';

/** A stack keeps all that stood on it, the lock itself among it: uses that are older than this have it read. */
const OLD_MS = 5000;
/** Reading one takes some hundredths of a millisecond, of the application's own thread. */
const READ_AT_ONCE = 20;

/** Forgets locks that are gone, and holds on to nothing that would keep others from it. */
export function forgetDropped(locks: Iterable<WatchedLock>, nowMs: number): void {
  let left = READ_AT_ONCE;
  for (const lock of [...locks]) {
    if (lock.isGone) lock.forgetUses();
    else for (const use of oldUses(lock, nowMs)) if (left > 0 && use.readStack()) left--;
  }
}

// In the order of their begin.
function* oldUses({ held, waiting }: WatchedLock, nowMs: number): Iterable<LockUse> {
  for (const uses of [held, waiting]) {
    for (const use of uses) {
      if (nowMs - use.sinceMs < OLD_MS) break;
      yield use;
    }
  }
}
