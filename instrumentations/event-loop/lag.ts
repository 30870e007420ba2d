// loopsight.eventloop.lag: one timer that wakes the loop at the random moments of the lag probes.
import { AsyncLocalStorage } from 'node:async_hooks';
// From the module, not the global object, which tests of the application may replace by a fake.
import { clearTimeout, setTimeout } from 'node:timers';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { TURNS_BEFORE_WATCH } from '../../src/stalls/loop-record.js';
import { createLagProbes } from './lag-probes.js';
import { createTimerGrid } from './timer-grid.js';

export interface LagOptions {
  readonly threadName: string;
  readonly lagProbeIntervalMs: number;
  /** The timer turns at least this often, also when no probe is due, in milliseconds. */
  readonly turnEveryMs: number;
  /** Called at each turn, with the time and when the next turn is due, both in milliseconds of the monotonic clock. */
  readonly onTurn: (nowMs: number, nextDueMs: number) => void;
}

// A timer keeps the async context in which it was armed; the probes' must not be that of a request that called `start`.
const runOutsideRequests = AsyncLocalStorage.snapshot();

/** Records the lag of the calling thread's loop. */
export function measureLag({ recorder, clock, report }: MonitorContext, options: LagOptions): Monitor {
  const { threadName, lagProbeIntervalMs, turnEveryMs, onTurn } = options;
  const lag = recorder.histogram(METRICS.eventLoopLag, { [ATTRIBUTES.threadName]: threadName });
  const probes = createLagProbes({
    meanMs: lagProbeIntervalMs,
    random: Math.random,
    record: (waitMs) => lag.record(waitMs / 1000),
  });
  const grid = createTimerGrid();
  let timer: NodeJS.Timeout | undefined;
  let turns = 0;

  function turn(): void {
    const nowMs = clock.monotonicMs();
    grid.fired(nowMs);
    let dueMs = nowMs + lagProbeIntervalMs;
    turns++;
    try {
      // Nobody can arrive before the program has been loaded, so the stretch until then is no lag.
      if (turns > TURNS_BEFORE_WATCH) dueMs = probes.turn(nowMs);
      dueMs = Math.min(nowMs + turnEveryMs, dueMs);
      onTurn(nowMs, dueMs);
    } catch (error) {
      report('a lag probe failed', error);
    }
    timer = setTimeout(turn, grid.delayUntil(dueMs, nowMs)).unref();
  }

  runOutsideRequests(turn);
  return {
    stop() {
      clearTimeout(timer);
      lag.release();
    },
  };
}
