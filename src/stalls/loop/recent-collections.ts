// The last garbage collections, to tell how much of a stall they took.
import { performance } from 'node:perf_hooks';
import { type Clock, systemClock } from '../../clock.js';

/** Collections that are remembered; shorter ones than this do not make a stall, however many. */
const KEPT = 256;
const FROM_MS = 0.5;

/** A short memory of collections. */
export interface RecentCollections {
  /** Takes one: its begin on the time line of `performance`, and its length, in milliseconds. */
  readonly add: (startMs: number, durationMs: number) => void;
  /** Time in collections between two moments of the monotonic clock, in milliseconds. */
  within(fromMs: number, toMs: number): number;
}

/** Creates an empty memory. */
export function createRecentCollections(clock: Clock = systemClock): RecentCollections {
  const spans = new Float64Array(KEPT * 2);
  const originMs = clock.monotonicMs() - performance.now();
  let next = 0;
  return {
    add(startMs, durationMs) {
      if (durationMs < FROM_MS) return;
      spans[next] = originMs + startMs;
      spans[next + 1] = originMs + startMs + durationMs;
      next = (next + 2) % spans.length;
    },
    within(fromMs, toMs) {
      let total = 0;
      for (let index = 0; index < spans.length; index += 2) {
        total += Math.max(0, Math.min(toMs, spans[index + 1] ?? 0) - Math.max(fromMs, spans[index] ?? 0));
      }
      return total;
    },
  };
}
