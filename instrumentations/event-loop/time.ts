// nodejs.eventloop.time and nodejs.eventloop.utilization, from Node's own account of the loop.
import { performance } from 'node:perf_hooks';
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { lostSleep } from '../../src/lost-sleep.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import { createUtilizationWindow, type LoopTime } from './utilization-window.js';

/** A monitor that also wants to be called now and then while the loop turns. */
export interface SampledMonitor extends Monitor {
  sample(nowMs: number): void;
}

function readLoopTime(): LoopTime {
  const { active, idle } = performance.eventLoopUtilization();
  // While a profiler samples the thread, libuv counts hardly any sleep.
  const { ms } = lostSleep();
  return { active: Math.max(0, active - ms), idle: idle + ms };
}

/** Exposes active and idle time of the loop, and its utilization over the last 10 seconds. */
export function observeLoopTime({ recorder, clock }: MonitorContext, threadName: string): SampledMonitor {
  const thread = { [ATTRIBUTES.threadName]: threadName };
  const active = recorder.observation(METRICS.eventLoopTime, { ...thread, [ATTRIBUTES.eventLoopState]: 'active' });
  const idle = recorder.observation(METRICS.eventLoopTime, { ...thread, [ATTRIBUTES.eventLoopState]: 'idle' });
  const utilization = recorder.observation(METRICS.eventLoopUtilization, thread);
  const window = createUtilizationWindow({ windowMs: 10_000, sampleEveryMs: 1000 });
  let activeMs = 0;
  const forget = recorder.onCollect(() => {
    const time = readLoopTime();
    // What was not counted is found a little later, and a counter may not fall.
    activeMs = Math.max(activeMs, time.active);
    active.set(activeMs / 1000);
    idle.set(time.idle / 1000);
    utilization.set(window.utilization(clock.monotonicMs(), time));
  });
  return {
    sample: (nowMs) => window.sample(nowMs, readLoopTime),
    stop() {
      forget();
      for (const series of [active, idle, utilization]) series.release();
    },
  };
}
