// Figures that the observer reads itself, so that they are fresh while the main thread is blocked.
import { processMonitor } from '../../instrumentations/process/index.js';
import type { Clock } from '../clock.js';
import type { Monitor } from '../instrumentation.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Recorder } from '../recorder/recorder.js';
import type { Heartbeat } from './heartbeat.js';

export interface LiveFiguresOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat | undefined;
  readonly processFigures: boolean;
  /** Age of the snapshot that is shown beside these figures, in seconds. */
  readonly snapshotAgeS: () => number;
  readonly report: (cause: string, error: unknown) => void;
}

/** Starts reading the live figures at each collection of `recorder`. */
export function startLiveFigures(options: LiveFiguresOptions): Monitor {
  const { recorder, clock, heartbeat, processFigures, snapshotAgeS, report } = options;
  const age = recorder.observation(METRICS.selfSnapshotAge);
  const blocked = recorder.observation(METRICS.eventLoopBlocked, { [ATTRIBUTES.threadName]: 'main' });
  const undo = recorder.onCollect(() => {
    age.set(snapshotAgeS());
    blocked.set(heartbeat === undefined ? Number.NaN : heartbeat.blockedMs(clock.monotonicMs()) / 1000);
  });
  const processFiguresMonitor = processFigures
    ? processMonitor.start({ recorder, clock, shared: false, report })
    : undefined;
  return {
    stop() {
      undo();
      age.release();
      blocked.release();
      processFiguresMonitor?.stop();
    },
  };
}
