// Stalls without an observer: measured, counted, logged and told of once they are over, with no look at any stack.
import { clearInterval, setInterval } from 'node:timers';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { writeLine } from '../log.js';
import type { Store } from '../recorder/store.js';
import { describeStall, isUnseenStart } from '../stalls/blame/describe-stall.js';
import type { StallReport } from '../stalls/blame/stall-report.js';
import { field, hasStarted, LOOP } from '../stalls/loop/loop-record.js';
import { createStallFigures } from '../stalls/tell/stall-figures.js';
import { createStallLog } from '../stalls/tell/stall-log.js';
import { createThreadWatch } from '../stalls/watch/thread-watch.js';
import type { Heartbeat } from './heartbeat.js';
import type { StallWatchSettings } from './messages.js';

/** A record keeps the last stalls for longer than this, in milliseconds. */
const LOOK_EVERY_MS = 500;

export interface StallsHereOptions {
  readonly settings: Pick<StallWatchSettings, 'thresholdMs' | 'root' | 'log'>;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly store: Store;
  readonly tell: (report: StallReport, isStarted: boolean) => void;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts looking at the record of the calling thread's loop. */
export function startStallsHere({ settings, clock, heartbeat, store, tell, report }: StallsHereOptions): Monitor {
  const { thresholdMs, root } = settings;
  const figures = createStallFigures(store);
  const log = createStallLog(settings.log);
  const startedMs = clock.monotonicMs();
  const watch = createThreadWatch({
    record: heartbeat.record,
    thresholdMs,
    capture: undefined,
    watchScheduler: () => ({ sample: () => undefined }),
    gapMs: () => 0,
    now: () => clock.monotonicMs(),
    hasDebugger: () => field(heartbeat.record, LOOP.debugger) !== 0,
    onStall(evidence) {
      if (isUnseenStart(evidence, startedMs)) return;
      const nowMs = clock.monotonicMs();
      const unixOriginMs = clock.unixMs() - nowMs;
      const stall = describeStall(evidence, { thread: 'main', unixOriginMs, root, mapped: (frame) => frame });
      figures.count(stall);
      const isStarted = hasStarted(heartbeat.record, evidence.toMs);
      tell(stall, isStarted);
      if (isStarted) writeLine(log(stall, nowMs));
    },
  });
  const timer = setInterval(() => {
    try {
      watch.look(clock.monotonicMs());
    } catch (error) {
      report('a stall could not be described', error);
    }
  }, LOOK_EVERY_MS).unref();
  return {
    stop() {
      clearInterval(timer);
      watch.stop();
    },
  };
}
