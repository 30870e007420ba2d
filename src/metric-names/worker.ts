// Worker threads, and messages between them and their creators.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

export const WORKER_METRICS = {
  workers: {
    name: 'loopsight.workers',
    unit: '{worker}',
    kind: 'updowncounter',
    stability: 'stable',
    attributes: [A.threadName],
    description: 'Running worker threads.',
  },
  workerExits: {
    name: 'loopsight.worker.exits',
    unit: '{exit}',
    kind: 'counter',
    stability: 'stable',
    attributes: [A.threadName, A.exitCode],
    description: 'Worker threads that ended, by exit code.',
  },
  workerErrors: {
    name: 'loopsight.worker.errors',
    unit: '{error}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.errorType],
    description:
      'Errors that ended worker threads, by their class; `ERR_WORKER_OUT_OF_MEMORY` where the heap had reached its limit.',
  },
  workerReportAge: {
    name: 'loopsight.worker.report.age',
    unit: 's',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadName],
    description:
      'Time since a worker thread last told its figures, which it does when its loop turns. Of threads that share a name, the longest.',
  },
  workerStates: {
    name: 'loopsight.worker.states',
    unit: '{worker}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadName, A.workerState],
    description:
      'Worker threads by what their loop does right now: it turns (`turning`), it has not turned for 100 ms (`blocked`), or the thread waits (`waiting`): for its next task, as idle workers of Piscina and Tinypool do in `Atomics.wait`, or without any CPU in a lock or synchronous I/O (Linux).',
  },
  workerMessagesInFlight: {
    name: 'loopsight.worker.messages.in_flight',
    unit: '{message}',
    kind: 'gauge',
    stability: 'experimental',
    attributes: [A.threadName, A.messageDirection],
    description:
      'Messages between worker threads and those that created them that were sent and not received, by direction (`to_worker`, `from_worker`). Threads that share a name add up.',
  },
  workerMessageWait: {
    name: 'loopsight.worker.message.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'experimental',
    bounds: LATENCY_BOUNDS_S,
    attributes: [A.threadName, A.messageDirection],
    description:
      'Time from sending a message to a worker thread, or from one, to its receipt. Threads that share a name add up, ended ones included.',
  },
  workerMessageErrors: {
    name: 'loopsight.worker.message.errors',
    unit: '{error}',
    kind: 'counter',
    stability: 'experimental',
    attributes: [A.threadName, A.messageDirection],
    description: 'Messages to worker threads, or from them, that could not be read by who received them.',
  },
} as const satisfies Record<string, MetricDefinition>;
