// Event loops: lag, stalls, spinning, and what loops did.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const EVENT_LOOP_METRICS = {
  eventLoopLag: {
    name: 'loopsight.eventloop.lag',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName],
    description:
      'Time that a callback arriving at a random moment waits until the loop reaches it, as random probes see it. Threads that share a name add up, ended ones included.',
  },
  eventLoopBlocked: {
    name: 'loopsight.eventloop.blocked',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName],
    description:
      'How long the loop has been overdue right now; 0 while it turns, and while a worker waits for its next task. Of threads that share a name, the longest.',
  },
  stallDuration: {
    name: 'loopsight.eventloop.stall.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName, A.stallCause],
    description: 'Length of stretches in which the loop did not turn for longer than the threshold, by their cause.',
  },
  stallTime: {
    name: 'loopsight.eventloop.stall.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.stallCause, A.codeFunctionName, A.codeFilePath],
    description: 'Time in stalls, by the code that caused them. The first 100 functions are named, then `other`.',
  },
  spinTime: {
    name: 'loopsight.eventloop.spin.time',
    unit: 's',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.codeFunctionName, A.codeFilePath],
    description:
      'Time in which the loop was busy turning without I/O to handle, by the code that kept it turning; such a loop has no lag.',
  },
  stalls: {
    name: 'loopsight.eventloop.stalls',
    unit: '{stall}',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.stallCause, A.codeFunctionName, A.codeFilePath],
    description: 'Stalls, by the code that caused them. The first 100 functions are named, then `other`.',
  },
  eventLoopTime: {
    name: 'nodejs.eventloop.time',
    unit: 's',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.eventLoopState],
    description:
      'Cumulative time that the loop was active or idle. Threads that share a name add up, ended ones included.',
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    unit: '1',
    kind: 'gauge',
    stability: 'stable',
    attributes: [A.threadName],
    description:
      'Share of the last 10 seconds in which the loop was active. Of threads that share a name, active time by total time.',
  },
  eventLoopIterations: {
    name: 'loopsight.eventloop.iterations',
    unit: '{iteration}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Iterations of the loop.',
  },
  eventLoopEvents: {
    name: 'loopsight.eventloop.events',
    unit: '{event}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Events that the loop processed.',
  },
  eventLoopEventsWaiting: {
    name: 'loopsight.eventloop.events_waiting',
    unit: '{event}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName],
    description: 'Events that were already waiting when the loop asked for them.',
  },
} as const satisfies Record<string, MetricDefinition>;
