// The series of the pool as a whole: threads that work, and threads that there are for each lane.
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { Recorder } from '../../src/recorder/recorder.js';
import { laneSize, POOL_LANES } from './pool-requests.js';
import type { PoolThreadsReading } from './pool-threads.js';

export interface PoolGauges {
  set(reading: PoolThreadsReading): void;
  release(): void;
}

/** Binds the series. */
export function createPoolGauges(recorder: Recorder): PoolGauges {
  const running = recorder.observation(METRICS.threadPoolRunning);
  const sizes = POOL_LANES.map((lane) => ({
    lane,
    series: recorder.observation(METRICS.threadPoolSize, { [ATTRIBUTES.threadPoolLane]: lane }),
  }));
  return {
    set(reading) {
      running.set(reading.running);
      for (const { lane, series } of sizes) series.set(laneSize(lane, reading.size));
    },
    release() {
      running.release();
      for (const { series } of sizes) series.release();
    },
  };
}
