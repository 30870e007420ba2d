// Figures of the whole process. They are the same from every thread, so the observer reads them while the main thread is blocked.
import type { Monitor, MonitorContext, MonitorDefinition } from '../../src/instrumentation.js';
import { observeCgroup } from './cgroup.js';
import { observeCpu } from './cpu.js';
import { observeCpuLimit } from './cpu-limit.js';
import { observeFileDescriptors } from './file-descriptors.js';
import { observeMemory } from './memory.js';
import { observeUptime } from './uptime.js';

const SIGNALS: readonly ((context: MonitorContext) => Monitor)[] = [
  observeCpu,
  observeMemory,
  observeUptime,
  observeFileDescriptors,
  observeCgroup,
  observeCpuLimit,
];

/** Records CPU time, memory, uptime, open files and throttling of the process, from whichever thread it runs in. */
export const processMonitor: MonitorDefinition = {
  name: 'process',
  start(context) {
    const monitors = SIGNALS.map((observe) => observe(context));
    return {
      stop() {
        for (const monitor of monitors) monitor.stop();
      },
    };
  },
};
