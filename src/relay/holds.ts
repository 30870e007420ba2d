// When threads were held by the inspector: paused by a debugger, or busy with what a command asked for. It is no stall of the
// application's code.
import type { Clock } from '../clock.js';
import type { Target } from '../stalls/watch/interrupt.js';

/** A stretch; `toMs` is infinite while it lasts. */
interface Hold {
  readonly target: Target;
  readonly fromMs: number;
  toMs: number;
}

/** Stretches that are over are remembered for so long: a stall is told of soon after its end. */
const KEPT_MS = 60_000;
const KEPT = 256;

/** What is remembered, by thread. */
export interface Holds {
  /** Says that the thread is held from now on; returns how to say that it is no more. */
  begin(target: Target): () => void;
  /** Whether it is held right now. */
  isHeld(target: Target): boolean;
  /** For how much of a stretch it was held, in milliseconds. */
  within(target: Target, fromMs: number, toMs: number): number;
}

/** Creates the memory. */
export function createHolds(clock: Clock): Holds {
  let holds: Hold[] = [];
  return {
    begin(target) {
      const fromMs = clock.monotonicMs();
      const hold: Hold = { target, fromMs, toMs: Number.POSITIVE_INFINITY };
      holds = [...holds.filter(({ toMs }) => toMs > fromMs - KEPT_MS).slice(-KEPT), hold];
      return () => {
        hold.toMs = Math.min(hold.toMs, clock.monotonicMs());
      };
    },
    isHeld: (target) => holds.some((hold) => hold.target === target && hold.toMs === Number.POSITIVE_INFINITY),
    within(target, fromMs, toMs) {
      let heldMs = 0;
      // In the order of their begin; what two say of the same time counts once.
      let countedMs = fromMs;
      for (const hold of holds) {
        if (hold.target !== target) continue;
        const beginMs = Math.max(hold.fromMs, countedMs);
        const endMs = Math.min(hold.toMs, toMs);
        if (endMs <= beginMs) continue;
        heldMs += endMs - beginMs;
        countedMs = endMs;
      }
      return heldMs;
    },
  };
}
