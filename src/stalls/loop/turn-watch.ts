// The loop's own part of stall detection: each turn of our timer says that it turned, and whether it was held since the last.
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import { systemClock } from '../../clock.js';
import { lostSleep } from '../../lost-sleep.js';
import { readLoopMetrics } from './loop-metrics.js';
import { field, LOOP, STALL, stallAt, TURNS_BEFORE_WATCH, waitedMs } from './loop-record.js';
import type { SampledSleep } from './sampled-sleep.js';
import { heldMs } from './stall-length.js';

// As it is now: tests put timers of their own in its place.
const { setImmediate } = timers;

export interface TurnWatchOptions {
  /** Where the loop writes; shared with the observer. */
  readonly record: Float64Array;
  readonly thresholdMs: number;
  /** Whether a debugger can be attached right now. */
  readonly hasDebugger?: () => boolean;
  /** Sleep that was not counted, because a profiler interrupted it. @default none */
  readonly sampledSleep?: SampledSleep;
  /** Called at the first turn after a stall. */
  readonly onHeld?: (fromMs: number, toMs: number) => void;
  /**
   * Called after a stall, when the work that had piled up has begun; fills in what only this thread knows (STALL). What
   * began until `backlogEndMs`, before the loop slept for the first time, had waited.
   */
  readonly complete?: (entry: Float64Array, fromMs: number, toMs: number, backlogEndMs: number) => void;
}

/** How often a loop must turn at the least for its stalls to be seen, in milliseconds. */
export const turnEveryMs = (thresholdMs: number): number => thresholdMs * 0.75;
/** The same for a loop that sleeps, where each turn wakes it. */
export const sleepingTurnEveryMs = (thresholdMs: number): number => thresholdMs;

/** A watch over the turns of the calling thread's loop. */
export interface TurnWatch {
  /** Says that the loop turned at `nowMs` and will turn again by `nextDueMs`, and whether it does nothing else. */
  turn(nowMs: number, nextDueMs: number, isSleeping?: boolean): void;
  /** Says that the thread waits for its next task from `nowMs` on, outside of its loop: a stall until then is over. */
  leave(nowMs: number): void;
  /** Says that it got one at `nowMs`, and will turn or wait again by `nextDueMs`. */
  back(nowMs: number, nextDueMs: number): void;
  /** For how long the loop has been held at `nowMs`, if that is a stall already, in milliseconds; else 0. */
  heldMs(nowMs: number): number;
  stop(): void;
}

// Entries of garbage collections come two iterations after the collection, and waiting requests begin in between.
const ITERATIONS_UNTIL_COMPLETE = 3;
// Of connections that wait, libuv accepts one in an iteration.
/** The work that piled up is waited for up to this time, in milliseconds. */
const BACKLOG_MS = 100;
/** A loop that slept for less than this had no time to. */
const SLEPT_MS = 0.5;
/** Weight of the newest stretch in the mean utilization. */
const WEIGHT = 1 / 8;

interface PassedStall {
  readonly fromMs: number;
  readonly events: number;
}

/** Creates the watch of the calling thread's loop. */
export function createTurnWatch(options: TurnWatchOptions): TurnWatch {
  const { record, thresholdMs, hasDebugger, sampledSleep, onHeld, complete } = options;
  const timing = performance.nodeTiming;
  let idleMs = timing.idleTime;
  let { loopCount: iterations, events: eventsBefore } = readCounters();
  let utilization = 0;
  let stopped = false;
  let stalls = field(record, LOOP.stalls);

  function found(fromMs: number, toMs: number, events: number, idleAtMs: number, endMs: number, rounds: number): void {
    if (stopped) return;
    const nowMs = systemClock.monotonicMs();
    const hasSlept = timing.idleTime - idleAtMs >= SLEPT_MS;
    // A loop that never sleeps has no end of its backlog: what begins later has arrived later.
    const isLate = rounds > ITERATIONS_UNTIL_COMPLETE && nowMs - toMs > Math.min(BACKLOG_MS, (toMs - fromMs) / 4);
    const isBacklog = !hasSlept && !isLate;
    const backlogEndMs = isBacklog ? nowMs : endMs;
    if (isBacklog || rounds < ITERATIONS_UNTIL_COMPLETE) {
      setImmediate(found, fromMs, toMs, events, idleAtMs, backlogEndMs, rounds + 1).unref();
      return;
    }
    write(fromMs, toMs, events, backlogEndMs);
  }

  function write(fromMs: number, toMs: number, events: number, backlogEndMs: number): void {
    const entry = record.subarray(stallAt(stalls));
    entry[STALL.from] = fromMs;
    entry[STALL.to] = toMs;
    entry[STALL.gc] = 0;
    entry[STALL.waiting] = 0;
    entry[STALL.waited] = 0;
    entry[STALL.heldByNew] = 0;
    entry[STALL.events] = events;
    entry[STALL.longest] = toMs - fromMs;
    complete?.(entry, fromMs, toMs, backlogEndMs);
    stalls++;
    record[LOOP.stalls] = stalls;
  }

  /** Takes the stretch until now; returns its stall, if it was one. */
  function pass(nowMs: number, nextDueMs: number, isSleeping: boolean): PassedStall | undefined {
    const lastMs = field(record, LOOP.lastTurn);
    const dueMs = field(record, LOOP.nextDue);
    const turns = field(record, LOOP.turns) + 1;
    record[LOOP.nextDue] = nextDueMs;
    record[LOOP.lastTurn] = nowMs;
    record[LOOP.turns] = turns;
    record[LOOP.sleeping] = isSleeping ? 1 : 0;
    // From the first turn on: who starts a program with a debugger often pauses it right there.
    if (hasDebugger !== undefined) record[LOOP.debugger] = hasDebugger() ? 1 : 0;
    const idleBefore = idleMs;
    idleMs = timing.idleTime;
    const counters = readCounters();
    const events = counters.events - eventsBefore;
    eventsBefore = counters.events;
    const stretchMs = nowMs - lastMs;
    if (turns <= TURNS_BEFORE_WATCH || stretchMs <= 0) return undefined;
    const countedMs = idleMs - idleBefore;
    const uncountedMs = sampledSleep?.({ fromMs: lastMs, dueMs, toMs: nowMs, countedMs }) ?? 0;
    if (uncountedMs > 0) lostSleep().ms += uncountedMs;
    const slept = countedMs + uncountedMs;
    const iterationsBefore = iterations;
    iterations = counters.loopCount;
    if (stretchMs <= thresholdMs) {
      utilization += (Math.min(1, Math.max(0, 1 - slept / stretchMs)) - utilization) * WEIGHT;
      return undefined;
    }
    const held = heldMs({
      fromMs: lastMs,
      dueMs,
      toMs: nowMs,
      idleMs: slept,
      iterations: iterations - iterationsBefore,
      utilization,
    });
    if (held <= thresholdMs) return undefined;
    onHeld?.(nowMs - held, nowMs);
    return { fromMs: nowMs - held, events };
  }

  return {
    turn(nowMs, nextDueMs, isSleeping = false) {
      const stall = pass(nowMs, nextDueMs, isSleeping);
      if (stall !== undefined) found(stall.fromMs, nowMs, stall.events, idleMs, nowMs, 0);
    },
    leave(nowMs) {
      record[LOOP.waiting] = nowMs;
      // As a loop that sleeps until something comes. Its loop may never turn again: what is known of a stall is all there is.
      const stall = pass(nowMs, Number.POSITIVE_INFINITY, true);
      if (stall !== undefined && !stopped) write(stall.fromMs, nowMs, stall.events, nowMs);
    },
    back(nowMs, nextDueMs) {
      record[LOOP.nextDue] = nextDueMs;
      record[LOOP.lastTurn] = nowMs;
      record[LOOP.sleeping] = 0;
      record[LOOP.waited] = waitedMs(record, nowMs);
      record[LOOP.waiting] = 0;
    },
    heldMs(nowMs) {
      const dueMs = field(record, LOOP.nextDue);
      // Nearly always: nothing more may be done for it then.
      if (nowMs <= dueMs || stopped || field(record, LOOP.turns) <= TURNS_BEFORE_WATCH) return 0;
      const fromMs = field(record, LOOP.lastTurn);
      if (nowMs - fromMs <= thresholdMs) return 0;
      const held = heldMs({
        fromMs,
        dueMs,
        toMs: nowMs,
        idleMs: timing.idleTime - idleMs,
        iterations: readCounters().loopCount - iterations,
        utilization,
      });
      return held > thresholdMs ? held : 0;
    },
    stop() {
      stopped = true;
    },
  };
}

const UNCOUNTED = { loopCount: Number.NaN, events: 0 } as const;
const readCounters = () => readLoopMetrics() ?? UNCOUNTED;
