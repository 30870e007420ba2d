// Locks that are held for long while others wait: found while they are held, as the holder may never give them back.
import type { CodePlace } from '../../src/stalls/blame/stall-report.js';
import type { LockUse } from './lock-use.js';
import type { WatchedLock } from './watched-lock.js';

/** A lock that is held for long while others wait for it. */
export interface LongHold {
  /** `lock.name`. */
  readonly lock: string;
  /** How long it has been held, in milliseconds. */
  readonly heldMs: number;
  /** The code that holds it: where it asked for it. */
  readonly holder: CodePlace | undefined;
  /** Who called the code that holds it; told where both sides asked in the same function, such as a helper for all locks. */
  readonly holderCaller?: CodePlace | undefined;
  /** How many wait. */
  readonly waiters: number;
  /** The code that has waited longest, as far as that is known, and for how long in milliseconds. */
  readonly waiter: CodePlace | undefined;
  readonly waitedMs: number;
  /** Who called the code that has waited longest, likewise. */
  readonly waiterCaller?: CodePlace | undefined;
}

/** So many of those who wait are looked at for one whose code is known. */
const MOST_LOOKS = 1000;

/** The holds that have become long since the last time; each is told of once. */
export function newLongHolds(
  locks: Iterable<WatchedLock>,
  {
    nowMs,
    thresholdMs,
    told,
  }: { readonly nowMs: number; readonly thresholdMs: number; readonly told: WeakSet<LockUse> },
): LongHold[] {
  const found: LongHold[] = [];
  for (const lock of locks) {
    // In the order of their begin, so that the first is the oldest.
    const [waiting] = lock.waiting;
    if (waiting === undefined || nowMs - waiting.sinceMs < thresholdMs) continue;
    for (const held of lock.held) {
      if (nowMs - held.sinceMs < thresholdMs) break;
      if (told.has(held)) continue;
      told.add(held);
      const waiter = waiterOf(waiting, lock.waiting);
      found.push({
        lock: lock.named.name,
        heldMs: nowMs - held.sinceMs,
        ...placesOf(held, waiter),
        waiters: lock.waiting.size,
        waitedMs: nowMs - waiter.sinceMs,
      });
    }
  }
  return found;
}

type Places = Pick<LongHold, 'holder' | 'holderCaller' | 'waiter' | 'waiterCaller'>;

function placesOf(held: LockUse, waiting: LockUse): Places {
  const { place: holder } = held;
  const { place: waiter } = waiting;
  const isHelper = holder !== undefined && holder.function === waiter?.function && holder.file === waiter.file;
  if (!isHelper) return { holder, waiter };
  return { holder, holderCaller: held.caller, waiter, waiterCaller: waiting.caller };
}

// The one who has waited longest, of those of whom it is known which code they are: not all have a stack.
function waiterOf(longest: LockUse, all: Iterable<LockUse>): LockUse {
  let looks = 0;
  for (const use of all) {
    if (use.hasStack) return use;
    if (++looks >= MOST_LOOKS) break;
  }
  return longest;
}

/** Whether a hold that was not told of can become long: only while somebody waits for it. */
export function mayBecomeLong(locks: Iterable<WatchedLock>, told: WeakSet<LockUse>): boolean {
  for (const { waiting, held } of locks) {
    if (waiting.size === 0) continue;
    for (const use of held) if (!told.has(use)) return true;
  }
  return false;
}
