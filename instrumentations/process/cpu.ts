// process.cpu.time: CPU time of all threads together.
import type { Monitor, MonitorContext } from '../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';

/** Exposes the CPU time of the process in user and in system mode. */
export function observeCpu({ recorder }: MonitorContext): Monitor {
  const user = recorder.observation(METRICS.processCpuTime, { [ATTRIBUTES.cpuMode]: 'user' });
  const system = recorder.observation(METRICS.processCpuTime, { [ATTRIBUTES.cpuMode]: 'system' });
  const forget = recorder.onCollect(() => {
    const usage = process.cpuUsage();
    user.set(usage.user / 1e6);
    system.set(usage.system / 1e6);
  });
  return {
    stop() {
      forget();
      user.release();
      system.release();
    },
  };
}
