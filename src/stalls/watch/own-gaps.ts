// When the observer itself did not run: then nobody did, and no code is to blame.

/** A lateness below this is that of timers and of a busy machine. */
const GAP_FROM_MS = 30;
/** Gaps that are remembered. */
const GAPS_KEPT = 32;

/** The gaps of the calling thread. */
export interface OwnGaps {
  /** Says that a timer was due at `dueMs`, fired at `nowMs`, and how long this thread has been active so far. */
  woke(dueMs: number, nowMs: number, activeMs: number): void;
  /** Time without running between two moments, in milliseconds. */
  within(fromMs: number, toMs: number): number;
}

/** Creates an empty memory of gaps. */
export function createOwnGaps(): OwnGaps {
  let gaps: { readonly fromMs: number; readonly toMs: number }[] = [];
  let activeBefore = 0;
  return {
    woke(dueMs, nowMs, activeMs) {
      // A large scrape keeps this thread from its timers as well, and that is its own doing.
      const lostMs = nowMs - dueMs - (activeMs - activeBefore);
      activeBefore = activeMs;
      if (lostMs < GAP_FROM_MS) return;
      gaps = [...gaps.slice(1 - GAPS_KEPT), { fromMs: dueMs, toMs: dueMs + lostMs }];
    },
    within(fromMs, toMs) {
      let total = 0;
      for (const gap of gaps) total += Math.max(0, Math.min(toMs, gap.toMs) - Math.max(fromMs, gap.fromMs));
      return total;
    },
  };
}
