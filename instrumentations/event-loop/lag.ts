// loopsight.eventloop.lag: one timer that wakes the loop at the random moments of the lag probes.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { createRearmedTimer } from '../../src/rearmed-timer.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import { TURNS_BEFORE_WATCH } from '../../src/stalls/loop/loop-record.js';
import { createLagProbes } from './lag-probes.js';
import { createLongWaits } from './long-waits.js';
import { createProbeTurns, type NextTurn } from './probe-turns.js';
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
  const turnsOfProbes = createProbeTurns({ probes, turnEveryMs, sleepingTurnEveryMs });
  const grid = createTimerGrid();
  let turns = 0;

  function turn(): void {
    const nowMs = clock.monotonicMs();
    turnMs = nowMs;
    grid.fired(nowMs);
    let dueMs = nowMs + lagProbeIntervalMs;
    turns++;
    try {
      // Nobody can arrive before the program has been loaded, so the stretch until then is no lag.
      const next = turns > TURNS_BEFORE_WATCH ? turnsOfProbes.turn(nowMs) : firstTurn(nowMs);
      ({ dueMs } = next);
      onTurn(nowMs, dueMs, next.isSleeping);
    } catch (error) {
      report('a lag probe failed', error);
    }
    timer.arm(grid.delayUntil(dueMs, nowMs));
  }

  const firstTurn = (nowMs: number): NextTurn => ({
    dueMs: nowMs + Math.min(turnEveryMs, lagProbeIntervalMs),
    isSleeping: false,
  });
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
