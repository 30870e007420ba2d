// Monitors of home-made queues, which tell us themselves what happens to their tasks.
import { type Clock, systemClock } from '../../src/clock.js';
import { numberBetween, text, unexpected } from '../../src/option-values.js';
import { QueueSeries } from './queue-series.js';
import { addQueue, type EndingQueueSource, removeQueue } from './registry.js';
import { type QueueTask, TaskQueue } from './task-queue.js';

export type { QueueTask } from './task-queue.js';

/** Options of `queueMonitor`. */
export interface QueueMonitorOptions {
  /** Name of the queue in the metrics; use few and fixed ones. */
  readonly name: string;
  /** Kind of the queue in the metrics. @default 'custom' */
  readonly type?: string;
  /** Tasks that may run at the same time. @default no bound */
  readonly capacity?: number;
}

/**
 * What a home-made queue calls. Called on the monitor, `started` and `dropped` mean the oldest waiting task and
 * `finished` and `failed` the one that has run longest: for a queue in another order use the tasks that `added` returns.
 * A task uses either form. Depth and running never fall below 0, and none of the calls throws.
 */
export interface QueueMonitor extends QueueTask {
  /** A task came in; a task that is refused at the door is `added().dropped()`. */
  added(): QueueTask;
  /** Takes the queue out of the metrics; later calls are harmless. */
  stop(): void;
}

/**
 * Measures a home-made queue: depth, running, capacity, oldest age, wait and run time. Until `start()` or an
 * instrumentation records, only depth and ages are kept. Throws a TypeError for a name, type or capacity that is none.
 *
 * @example
 * const mails = queueMonitor('mail');
 * const task = mails.added();
 * task.started();
 * task.finished();
 */
export function queueMonitor(nameOrOptions: string | QueueMonitorOptions): QueueMonitor {
  return createQueueMonitor(nameOrOptions, systemClock);
}

/** As `queueMonitor`, with a clock of the caller's choice. */
export function createQueueMonitor(nameOrOptions: string | QueueMonitorOptions, clock: Clock): QueueMonitor {
  const { name, type, capacity } = resolveQueueOptions(nameOrOptions);
  const series = new QueueSeries(name, type);
  const queue = new TaskQueue(series, clock);
  const source = createSource(queue, { name, type, capacity, series });
  addQueue(source, queue);
  return {
    added: () => queue.added(),
    started: () => queue.started(),
    finished: () => queue.ended('completed'),
    failed: () => queue.ended('failed'),
    dropped: () => queue.dropped(),
    stop: () => removeQueue(source),
  };
}

function resolveQueueOptions(given: string | QueueMonitorOptions): Required<QueueMonitorOptions> {
  const options: QueueMonitorOptions = typeof given === 'string' ? { name: given } : given;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw unexpected('name', 'a string that is not empty, or an object with one', given);
  }
  const { name, type, capacity } = options;
  return {
    name: text.check(name, 'name'),
    type: type === undefined ? 'custom' : text.check(type, 'type'),
    capacity:
      capacity === undefined || capacity === Number.POSITIVE_INFINITY
        ? Number.NaN
        : numberBetween(0, Number.MAX_SAFE_INTEGER, { integer: true }).check(capacity, 'capacity'),
  };
}

function createSource(
  queue: TaskQueue,
  { name, type, capacity, series }: Required<QueueMonitorOptions> & { readonly series: QueueSeries },
): EndingQueueSource {
  // The application's handle and tasks alone keep the queue alive.
  const target = new WeakRef(queue);
  return {
    name,
    type,
    read: () => target.deref()?.read(capacity),
    refresh: () => series.refresh(),
    end: () => series.end(),
  };
}
