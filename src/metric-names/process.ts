// The process as the system sees it, and what it may use.
import { ATTRIBUTES as A } from './attributes.js';
import type { MetricDefinition } from './definition.js';

export const PROCESS_METRICS = {
  processCpuTime: {
    name: 'process.cpu.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.cpuMode],
    description: 'CPU time of the whole process, by mode.',
  },
  processMemoryUsage: {
    name: 'process.memory.usage',
    unit: 'By',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [],
    description: 'Physical memory that the process uses.',
  },
  processUptime: {
    name: 'process.uptime',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: [],
    description: 'Time since the process started.',
  },
  processOpenFileDescriptors: {
    name: 'process.open_file_descriptor.count',
    unit: '{file_descriptor}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [],
    description: 'Open file descriptors of the process (Linux).',
  },
  cpuLimit: {
    name: 'loopsight.cpu.limit',
    unit: '{cpu}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [],
    description:
      'Processors that the process may use at the same time: the quota of its control group or, where that is less, those that it may run on.',
  },
  cgroupThrottledTime: {
    name: 'loopsight.cgroup.throttled.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [],
    description: 'Time that the control group was kept from the CPU by its quota (Linux).',
  },
} as const satisfies Record<string, MetricDefinition>;
