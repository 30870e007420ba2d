// Child processes.
import { ATTRIBUTES as A } from './attributes.js';
import type { MetricDefinition } from './definition.js';

export const CHILD_PROCESS_METRICS = {
  childProcesses: {
    name: 'loopsight.child_processes',
    unit: '{process}',
    kind: 'updowncounter',
    stability: 'experimental',
    attributes: [A.childProcessName],
    description: 'Running child processes, by their program. The first 20 programs are named, then `other`.',
  },
  childProcessDuration: {
    name: 'loopsight.child_process.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600],
    attributes: [A.childProcessName],
    description: 'Time from the start of a child process to its end.',
  },
  childProcessExits: {
    name: 'loopsight.child_process.exits',
    unit: '{exit}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.childProcessName, A.exitCode],
    description:
      'Child processes that ended, by exit code or by the signal that ended them (such as `SIGKILL`); those that could not be started by the error (such as `ENOENT`).',
  },
} as const satisfies Record<string, MetricDefinition>;
