// The last calls that blocked for long, to tell which took most of a stall that no capture saw.
import type { RawFrame } from './raw-frame.js';

/** A long call with the stack below it; times are monotonic milliseconds. */
export interface SeenCall {
  /** Such as `fs.readFileSync`. */
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly frames: readonly RawFrame[];
}

/** Calls that are remembered until their stall is told of, three iterations after its end. */
const KEPT = 8;
/** A call that took less of a stall than this has not caused it. */
const MOST = 0.5;

/** A short memory of long calls. */
export interface RecentCalls {
  readonly add: (call: SeenCall) => void;
  /** The call that took most of the time between two moments; undefined where there is none that took half of it. */
  mostOf(fromMs: number, toMs: number): SeenCall | undefined;
}

/** Creates an empty memory. */
export function createRecentCalls(): RecentCalls {
  let calls: SeenCall[] = [];
  return {
    add(call) {
      calls = [...calls.slice(1 - KEPT), call];
    },
    mostOf(fromMs, toMs) {
      let most: SeenCall | undefined;
      let mostMs = (toMs - fromMs) * MOST;
      for (const call of calls) {
        const sharedMs = Math.min(call.toMs, toMs) - Math.max(call.fromMs, fromMs);
        if (sharedMs < mostMs) continue;
        most = call;
        mostMs = sharedMs;
      }
      return most;
    },
  };
}
