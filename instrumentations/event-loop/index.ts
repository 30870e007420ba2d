// Everything that one thread's event loop tells about itself: lag, time, utilization, activity, heap and CPU time.
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { observeActivity } from './activity.js';
import { observeHeap } from './heap.js';
import { measureLag, type StalledLag } from './lag.js';
import { observeThreadCpu } from './thread-cpu.js';
import { observeLoopTime } from './time.js';

export interface EventLoopOptions {
  /** Mean of the random intervals between lag probes, in milliseconds. @default 50 */
  readonly lagProbeIntervalMs?: number;
  /** The `thread.name` of the series. @default 'main' */
  readonly threadName?: string;
  /** The loop's timer turns at least this often, in milliseconds. @default Infinity */
  readonly turnEveryMs?: number;
  /** The same while the loop sleeps: the probes are then not woken for. @default turnEveryMs */
  readonly sleepingTurnEveryMs?: number;
  /**
   * Called whenever the probes' timer fires, with the time and when it is due next, in monotonic milliseconds, and whether
   * the loop sleeps.
   */
  readonly onTurn?: (nowMs: number, nextDueMs: number, isSleeping: boolean) => void;
  /** Told who gives the lag of a stall the span that it blocked, and undefined when the monitor stops. */
  readonly onLag?: (stalled: StalledLag | undefined) => void;
}

/** Creates the monitor of the event loop of the thread that starts it. */
export function createEventLoopMonitor(options: EventLoopOptions = {}): MonitorDefinition {
  const {
    lagProbeIntervalMs = 50,
    turnEveryMs = Number.POSITIVE_INFINITY,
    sleepingTurnEveryMs = turnEveryMs,
    threadName = 'main',
    onTurn = () => {},
    onLag = () => {},
  } = options;
  return {
    name: 'event-loop',
    start(context) {
      const time = observeLoopTime(context, threadName);
      const lag = measureLag(context, {
        threadName,
        lagProbeIntervalMs,
        turnEveryMs,
        sleepingTurnEveryMs,
        onLag,
        onTurn(nowMs, nextDueMs, isSleeping) {
          onTurn(nowMs, nextDueMs, isSleeping);
          time.sample(nowMs);
        },
      });
      const others = [observeActivity, observeHeap, observeThreadCpu].map((observe) => observe(context, threadName));
      return {
        stop() {
          for (const monitor of [lag, time, ...others]) monitor.stop();
        },
      };
    },
  };
}
