// The longest waits of late turns: which sample of the lag a stall made is asked once it is known what held the loop.

/** Turns that are remembered; a stall is told of within its loop's next few iterations. */
const KEPT = 8;
/** Waits from this length on are remembered, in milliseconds: no stall is shorter. */
const LONG_MS = 10;
/** A stall ends with the turn that recorded its samples; the two are told by different clocks. */
const APART_MS = 25;

/** A short memory of long waits, in milliseconds. */
export interface LongWaits {
  /** Takes the wait of a probe that the turn at `nowMs` recorded. */
  add(nowMs: number, waitMs: number): void;
  /** The longest wait that the turn at `endMs` recorded; NaN where it recorded none. */
  endedAt(endMs: number): number;
}

/** Creates an empty memory. */
export function createLongWaits(): LongWaits {
  const turns = new Float64Array(KEPT * 2).fill(Number.NEGATIVE_INFINITY);
  let last = 0;
  return {
    add(nowMs, waitMs) {
      if (waitMs < LONG_MS) return;
      if (turns[last] !== nowMs) {
        last = (last + 2) % turns.length;
        turns[last] = nowMs;
        turns[last + 1] = 0;
      }
      turns[last + 1] = Math.max(turns[last + 1] ?? 0, waitMs);
    },
    endedAt(endMs) {
      let apartMs = APART_MS;
      let longestMs = Number.NaN;
      for (let at = 0; at < turns.length; at += 2) {
        const distanceMs = Math.abs((turns[at] ?? 0) - endMs);
        if (distanceMs > apartMs) continue;
        apartMs = distanceMs;
        longestMs = turns[at + 1] ?? Number.NaN;
      }
      return longestMs;
    },
  };
}
