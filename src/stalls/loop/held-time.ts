// The last stalls of this thread's loop, for spans: how much of the time between two moments was it held?
import { type Clock, systemClock } from '../../clock.js';
import { type HeldTime, sharedState } from '../../shared-state.js';

/** Stalls that are remembered; a span that overlaps more of them is told of these. */
const KEPT = 256;
/** Wall clock times of spans are whole milliseconds, so that a shorter overlap may be none. */
const OVERLAP_FROM_MS = 2;

/** The memory of one loop's stalls. */
export interface HeldTimeMemory extends HeldTime {
  /** Takes a stall that is over, in monotonic milliseconds; the later ones later. */
  readonly add: (fromMs: number, toMs: number) => void;
}

/** Creates an empty memory; `heldMs` tells for how long the loop has been held by now, if it is. */
export function createHeldTime(heldMs: (nowMs: number) => number, clock: Clock = systemClock): HeldTimeMemory {
  const stalls = new Float64Array(KEPT * 2);
  let next = 0;
  let lastToMs = Number.NEGATIVE_INFINITY;
  return {
    add(fromMs, toMs) {
      stalls[next] = fromMs;
      stalls[next + 1] = toMs;
      next = (next + 2) % stalls.length;
      lastToMs = toMs;
    },
    between(fromUnixMs, toUnixMs, nowMs = clock.monotonicMs()) {
      const currentMs = heldMs(nowMs);
      if (currentMs === 0 && lastToMs === Number.NEGATIVE_INFINITY) return 0;
      // Of now, because the wall clock may be set and does not stand still while a machine sleeps.
      const originMs = clock.unixMs() - nowMs;
      const fromMs = fromUnixMs - originMs;
      const toMs = toUnixMs === undefined ? nowMs : toUnixMs - originMs;
      let total = Math.max(0, Math.min(toMs, nowMs) - Math.max(fromMs, nowMs - currentMs));
      if (fromMs < lastToMs) {
        for (let age = 1; age <= KEPT; age++) {
          const index = (next - age * 2 + stalls.length) % stalls.length;
          const stallToMs = stalls[index + 1] ?? 0;
          if (stallToMs <= fromMs) break;
          total += Math.max(0, Math.min(toMs, stallToMs) - Math.max(fromMs, stalls[index] ?? 0));
        }
      }
      return total < OVERLAP_FROM_MS ? 0 : total;
    },
  };
}

/** Creates the memory of the calling thread's loop and offers it to every copy of the package; `stop` takes it back. */
export function offerHeldTime(
  heldMs: (nowMs: number) => number,
  isWatching: () => boolean,
): HeldTimeMemory & { stop(): void } {
  const memory = { ...createHeldTime(heldMs), isWatching };
  const state = sharedState();
  state.heldTime = memory;
  return {
    ...memory,
    stop() {
      if (state.heldTime === memory) state.heldTime = undefined;
    },
  };
}
