// The loop's own part of stall detection: each turn of our timer says that it turned, and whether it was held since the last.
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { field, LOOP, STALL, stallAt, TURNS_BEFORE_WATCH } from './loop-record.js';
import { heldMs } from './stall-length.js';

export interface TurnWatchOptions {
  /** Where the loop writes; shared with the observer. */
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Whether a debugger can be attached right now. */
  readonly hasDebugger?: () => boolean;
  /** Called after a stall, when the work that had piled up has begun; fills in what only this thread knows (STALL). */
  readonly complete?: (entry: Float64Array, fromMs: number, toMs: number) => void;
}

/** How often a loop must turn at the least for its stalls to be seen, in milliseconds. */
export const turnEveryMs = (thresholdMs: number): number => thresholdMs * 0.75;

/** A watch over the turns of the calling thread's loop. */
export interface TurnWatch {
  /** Says that the loop turned at `nowMs` and will turn again by `nextDueMs`. */
  turn(nowMs: number, nextDueMs: number): void;
  stop(): void;
}

interface UvMetrics {
  readonly loopCount: number;
}

// Entries of garbage collections come two iterations after the collection, and waiting requests begin in between.
const ITERATIONS_UNTIL_COMPLETE = 3;
/** Weight of the newest stretch in the mean utilization. */
const WEIGHT = 1 / 8;

/** Creates the watch of the calling thread's loop. */
export function createTurnWatch({ record, thresholdMs, hasDebugger, complete }: TurnWatchOptions): TurnWatch {
  const timing = performance.nodeTiming as typeof performance.nodeTiming & { readonly uvMetricsInfo?: UvMetrics };
  const iterationsSoFar = () => timing.uvMetricsInfo?.loopCount ?? Number.NaN;
  let idleMs = timing.idleTime;
  let iterations = iterationsSoFar();
  let utilization = 0;
  let stopped = false;
  let stalls = field(record, LOOP.stalls);

  function found(fromMs: number, toMs: number, left: number): void {
    if (stopped) return;
    if (left > 0) {
      setImmediate(found, fromMs, toMs, left - 1).unref();
      return;
    }
    const entry = record.subarray(stallAt(stalls));
    entry[STALL.from] = fromMs;
    entry[STALL.to] = toMs;
    entry[STALL.gc] = 0;
    entry[STALL.waiting] = 0;
    entry[STALL.waited] = 0;
    complete?.(entry, fromMs, toMs);
    stalls++;
    record[LOOP.stalls] = stalls;
  }

  return {
    turn(nowMs, nextDueMs) {
      const lastMs = field(record, LOOP.lastTurn);
      const dueMs = field(record, LOOP.nextDue);
      const turns = field(record, LOOP.turns) + 1;
      record[LOOP.nextDue] = nextDueMs;
      record[LOOP.lastTurn] = nowMs;
      record[LOOP.turns] = turns;
      const idleBefore = idleMs;
      idleMs = timing.idleTime;
      const stretchMs = nowMs - lastMs;
      if (turns <= TURNS_BEFORE_WATCH || stretchMs <= 0) return;
      const slept = idleMs - idleBefore;
      if (stretchMs > thresholdMs) {
        const before = iterations;
        iterations = iterationsSoFar();
        const held = heldMs({
          fromMs: lastMs,
          dueMs,
          toMs: nowMs,
          idleMs: slept,
          iterations: iterations - before,
          utilization,
        });
        if (held > thresholdMs) found(nowMs - held, nowMs, ITERATIONS_UNTIL_COMPLETE);
      } else {
        iterations = iterationsSoFar();
        utilization += (Math.min(1, Math.max(0, 1 - slept / stretchMs)) - utilization) * WEIGHT;
      }
      if (hasDebugger !== undefined) record[LOOP.debugger] = hasDebugger() ? 1 : 0;
    },
    stop() {
      stopped = true;
    },
  };
}
