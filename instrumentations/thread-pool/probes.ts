// How long work waits for a thread of the pool: the smallest piece of work there is, given to it at random moments by a
// thread that is never blocked.
import type { Clock } from '../../src/clock.js';
import type { Monitor } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundHistogram, BoundObservation, Recorder } from '../../src/recorder/recorder.js';
import type { PoolLane } from './pool-requests.js';

/** Mean of the random intervals, in milliseconds: random, so that they cannot keep step with the application's own work. */
const MEAN_INTERVAL_MS = 500;
/** Probes of one lane that may wait at the same time: a pool that hangs gets no more. */
const MOST_WAITING = 100;

/** Gives the pool one piece of work. */
export type PoolWorker = (done: () => void) => void;

/** What is done in each lane; neither touches a file or the network. */
export const PROBES: Readonly<Record<PoolLane, PoolWorker>> = {
  default: (done) => process.getBuiltinModule('node:crypto').randomBytes(1, done),
  // An address to the system, which needs no look-up for it, and a name to Node, which gives it to the system.
  slow_io: (done) => process.getBuiltinModule('node:dns').lookup('127.1', { family: 4 }, done),
};

export interface PoolProbesOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly report: (cause: string, error: unknown) => void;
  /** @default PROBES */
  readonly probes?: Readonly<Record<PoolLane, PoolWorker>>;
  /** Time that this thread has been busy so far, in milliseconds. @default as its event loop tells */
  readonly activeMs?: () => number;
}

export interface PoolProbes extends Monitor {
  /** Probes this lane from now on; asking twice is harmless. */
  begin(lane: PoolLane): void;
  /** Sets how long the oldest probes have waited; to be called at each collection. */
  observe(): void;
}

interface Lane {
  readonly wait: BoundHistogram;
  readonly oldestAge: BoundObservation;
  readonly waitingSinceMs: Set<{ readonly fromMs: number }>;
}

/** Creates the probes; none is made until a lane begins. */
export function createPoolProbes(options: PoolProbesOptions): PoolProbes {
  const { recorder, clock, report, probes = PROBES, activeMs = loopActiveMs } = options;
  const lanes = new Map<PoolLane, Lane>();
  const refused = new Set<PoolLane>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function send(lane: PoolLane, { wait, oldestAge, waitingSinceMs }: Lane): void {
    if (waitingSinceMs.size >= MOST_WAITING) return;
    const probe = { fromMs: clock.monotonicMs() };
    const activeFromMs = activeMs();
    waitingSinceMs.add(probe);
    try {
      probes[lane](() => {
        waitingSinceMs.delete(probe);
        if (stopped) return;
        // While this thread was busy the answer may have been there already.
        const busyMs = activeMs() - activeFromMs;
        wait.record(Math.max(0, clock.monotonicMs() - probe.fromMs - busyMs) / 1000);
      });
    } catch (error) {
      // No cryptography in this build, say, or no right to look up names.
      lanes.delete(lane);
      refused.add(lane);
      wait.release();
      oldestAge.release();
      report(`the lane ${lane} of the thread pool cannot be probed`, error);
    }
  }

  function schedule(): void {
    timer = setTimeout(
      () => {
        for (const [lane, state] of [...lanes]) send(lane, state);
        schedule();
      },
      -Math.log(1 - Math.random()) * MEAN_INTERVAL_MS,
    ).unref();
  }

  return {
    begin(lane) {
      if (stopped || lanes.has(lane) || refused.has(lane)) return;
      const attributes = { [ATTRIBUTES.threadPoolLane]: lane };
      lanes.set(lane, {
        wait: recorder.histogram(METRICS.threadPoolWait, attributes),
        oldestAge: recorder.observation(METRICS.threadPoolOldestAge, attributes),
        waitingSinceMs: new Set(),
      });
      if (timer === undefined) schedule();
    },
    observe() {
      for (const { oldestAge, waitingSinceMs } of lanes.values()) {
        const [oldest] = waitingSinceMs;
        oldestAge.set(oldest === undefined ? 0 : (clock.monotonicMs() - oldest.fromMs) / 1000);
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const { wait, oldestAge } of lanes.values()) {
        wait.release();
        oldestAge.release();
      }
      lanes.clear();
    },
  };
}

function loopActiveMs(): number {
  return performance.eventLoopUtilization().active;
}
