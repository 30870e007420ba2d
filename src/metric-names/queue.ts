// Queues of tasks and pools of workers.
import { ATTRIBUTES as A } from './attributes.js';
import { LATENCY_BOUNDS_S, type MetricDefinition } from './definition.js';

const QUEUE = [A.queueName, A.queueType] as const;

export const QUEUE_METRICS = {
  queueDepth: {
    name: 'loopsight.queue.depth',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that wait in the queue.',
  },
  queueRunning: {
    name: 'loopsight.queue.running',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that run.',
  },
  queueCapacity: {
    name: 'loopsight.queue.capacity',
    unit: '{task}',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'Tasks that may run at the same time; no series where there is no bound.',
  },
  queueOldestAge: {
    name: 'loopsight.queue.oldest_age',
    unit: 's',
    kind: 'gauge',
    stability: 'stable',
    attributes: QUEUE,
    description: 'How long the oldest waiting task has waited; 0 when none waits.',
  },
  queueWaitDuration: {
    name: 'loopsight.queue.wait.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: QUEUE,
    description: 'Time from the addition of a task to its start.',
  },
  queueRunDuration: {
    name: 'loopsight.queue.run.duration',
    unit: 's',
    kind: 'histogram',
    stability: 'stable',
    bounds: LATENCY_BOUNDS_S,
    attributes: QUEUE,
    description: 'Time from the start of a task to its end.',
  },
  queueTasks: {
    name: 'loopsight.queue.tasks',
    unit: '{task}',
    kind: 'counter',
    stability: 'stable',
    attributes: [...QUEUE, A.queueTaskState],
    description: 'Tasks that were added to, completed, failed in or dropped from the queue.',
  },
} as const satisfies Record<string, MetricDefinition>;
