// loopsight.eventloop.lag: one timer that wakes the loop at the random moments of the lag probes.
import { AsyncLocalStorage } from 'node:async_hooks';
// From the module, not the global object, which tests of the application may replace by a fake.
import { performance } from 'node:perf_hooks';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { createRearmedTimer } from '../../src/rearmed-timer.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import { readLoopMetrics } from '../../src/stalls/loop/loop-metrics.js';
import { TURNS_BEFORE_WATCH } from '../../src/stalls/loop/loop-record.js';
import { createLagProbes } from './lag-probes.js';
import { createLongWaits } from './long-waits.js';
import { createSleepWatch, waitWhileSleeping } from './sleeping-loop.js';
import { createTimerGrid } from './timer-grid.js';

/** Takes the span that a stall blocked whose end is given in milliseconds since the Unix epoch. */
export type StalledLag = (endUnixMs: number, span: ExemplarSpan) => void;

export interface LagOptions {
  readonly threadName: string;
  readonly lagProbeIntervalMs: number;
  /** The timer turns at least this often, also when no probe is due, in milliseconds. */
  readonly turnEveryMs: number;
  /** The same while the loop sleeps; infinite where the probes are to be woken for always. */
  readonly sleepingTurnEveryMs: number;
  /**
   * Called at each turn, with the time and when the next turn is due, both in milliseconds of the monotonic clock, and
   * whether the loop sleeps.
   */
  readonly onTurn: (nowMs: number, nextDueMs: number, isSleeping: boolean) => void;
  /** Told where stalled spans are taken, and undefined when they no longer are. */
  readonly onLag: (stalled: StalledLag | undefined) => void;
}

// A timer keeps the async context in which it was armed; the probes' must not be that of a request that called `start`.
const runOutsideRequests = AsyncLocalStorage.snapshot();

/** Records the lag of the calling thread's loop. */
export function measureLag({ recorder, clock, report }: MonitorContext, options: LagOptions): Monitor {
  const { threadName, lagProbeIntervalMs, turnEveryMs, sleepingTurnEveryMs, onTurn, onLag } = options;
  const lag = recorder.histogram(METRICS.eventLoopLag, { [ATTRIBUTES.threadName]: threadName });
  const longWaits = createLongWaits();
  let turnMs = 0;
  const probes = createLagProbes({
    meanMs: lagProbeIntervalMs,
    random: Math.random,
    record(waitMs) {
      lag.record(waitMs / 1000);
      longWaits.add(turnMs, waitMs);
    },
  });
  const grid = createTimerGrid();
  const sleep = createSleepWatch();
  const timing = performance.nodeTiming;
  // A Node that does not count them: all was done in one.
  const countIterations = () => readLoopMetrics()?.loopCount ?? 0;
  /** The turn that was to come, while the loop sleeps and no probe wakes it. */
  let slept: { readonly dueMs: number; readonly iterations: number } | undefined;
  let turns = 0;

  function turn(): void {
    const nowMs = clock.monotonicMs();
    turnMs = nowMs;
    grid.fired(nowMs);
    let dueMs = nowMs + lagProbeIntervalMs;
    turns++;
    try {
      const busyMs = sleep.turned(nowMs, timing.idleTime);
      const iterations = slept !== undefined || sleep.isSleeping ? countIterations() : 0;
      const waitOf = slept === undefined ? undefined : waitsSince(slept, { nowMs, busyMs, iterations });
      // Nobody can arrive before the program has been loaded, so the stretch until then is no lag.
      if (turns > TURNS_BEFORE_WATCH) dueMs = probes.turn(nowMs, waitOf);
      // Waking is what an idle loop costs, so that one that sleeps turns no more often than its stalls ask for.
      const mayOversleep = sleep.isSleeping && Number.isFinite(sleepingTurnEveryMs);
      dueMs = mayOversleep ? nowMs + sleepingTurnEveryMs : Math.min(nowMs + turnEveryMs, dueMs);
      slept = mayOversleep ? { dueMs, iterations } : undefined;
      onTurn(nowMs, dueMs, mayOversleep);
    } catch (error) {
      report('a lag probe failed', error);
    }
    timer.arm(grid.delayUntil(dueMs, nowMs));
  }

  const timer = createRearmedTimer(turn, { ref: false });
  onLag((endUnixMs, span) => {
    // Of now, because the wall clock may be set.
    const waitMs = longWaits.endedAt(endUnixMs - clock.unixMs() + clock.monotonicMs());
    if (!Number.isNaN(waitMs)) lag.exemplify(waitMs / 1000, span);
  });
  runOutsideRequests(turn);
  return {
    stop() {
      onLag(undefined);
      timer.stop();
      lag.release();
    },
  };
}

function waitsSince(
  before: { readonly dueMs: number; readonly iterations: number },
  { iterations, ...now }: { readonly nowMs: number; readonly busyMs: number; readonly iterations: number },
): (atMs: number) => number {
  const stretch = { ...now, dueMs: before.dueMs, iterations: iterations - before.iterations };
  return (atMs) => waitWhileSleeping(stretch, atMs);
}
