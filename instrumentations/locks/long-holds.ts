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
  /** How many wait. */
  readonly waiters: number;
  /** The code that has waited longest, and for how long in milliseconds. */
  readonly waiter: CodePlace | undefined;
  readonly waitedMs: number;
}

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
    const [held] = lock.held;
    if (waiting === undefined || held === undefined || told.has(held)) continue;
    if (nowMs - held.sinceMs < thresholdMs || nowMs - waiting.sinceMs < thresholdMs) continue;
    told.add(held);
    found.push({
      lock: lock.named.name,
      heldMs: nowMs - held.sinceMs,
      holder: held.place,
      waiters: lock.waiting.size,
      waiter: waiting.place,
      waitedMs: nowMs - waiting.sinceMs,
    });
  }
  return found;
}

/** Whether a hold that was not told of can become long: only while somebody waits for it. */
export function mayBecomeLong(locks: Iterable<WatchedLock>, told: WeakSet<LockUse>): boolean {
  for (const { waiting, held } of locks) {
    const [oldest] = held;
    if (waiting.size > 0 && oldest !== undefined && !told.has(oldest)) return true;
  }
  return false;
}
