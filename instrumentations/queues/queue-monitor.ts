// Monitors of home-made queues, which tell us themselves what happens to their tasks.
import { activeSpan } from '../../src/active-span.js';
import { type Clock, systemClock } from '../../src/clock.js';
import { numberBetween, text, unexpected } from '../../src/option-values.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import type { QueueReading } from '../../src/shared-state.js';
import { QueueSeries } from './queue-series.js';
import { addQueue, type EndingQueueSource, removeQueue } from './registry.js';
import { type Mark, TaskLine } from './task-line.js';

/** Options of `queueMonitor`. */
export interface QueueMonitorOptions {
  /** Name of the queue in the metrics; use few and fixed ones. */
  readonly name: string;
  /** Kind of the queue in the metrics. @default 'custom' */
  readonly type?: string;
  /** Tasks that may run at the same time. @default no bound */
  readonly capacity?: number;
}

/** One task of a home-made queue; its times are exact in any order. A call that does not fit its state does nothing. */
export interface QueueTask {
  /** The task left the queue and runs. */
  started(): void;
  /** The task completed. */
  finished(): void;
  /** The task failed. */
  failed(): void;
  /** The task was taken out of the queue without having run. */
  dropped(): void;
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

class TaskQueue {
  readonly waiting = new TaskLine();
  readonly running = new TaskLine();
  readonly series: QueueSeries;
  readonly clock: Clock;

  constructor(series: QueueSeries, clock: Clock) {
    this.series = series;
    this.clock = clock;
  }

  added(): QueueTask {
    const nowMs = this.clock.monotonicMs();
    const span = activeSpan();
    const task = new Task(this, { mark: this.waiting.join(nowMs, span), sinceMs: nowMs, span });
    this.series.count('added', span);
    return task;
  }

  started(): void {
    const nowMs = this.clock.monotonicMs();
    const span = this.waiting.oldestSpan ?? activeSpan();
    this.series.waited(nowMs - this.waiting.shift(), span);
    this.running.join(nowMs, span);
  }

  // A task that ends without ever having started leaves the queue, so that `added` and `finished` alone are right too.
  ended(state: 'completed' | 'failed'): void {
    const isRunning = this.running.size > 0;
    const span = isRunning ? this.running.oldestSpan : this.waiting.oldestSpan;
    if (isRunning) this.series.ran(this.clock.monotonicMs() - this.running.shift(), span);
    else this.waiting.shift();
    this.series.count(state, span);
  }

  dropped(): void {
    const span = this.waiting.oldestSpan;
    this.waiting.shift();
    this.series.count('dropped', span);
  }

  read(capacity: number): QueueReading {
    const { waiting, running } = this;
    const oldestAgeMs = waiting.size === 0 ? 0 : Math.max(0, this.clock.monotonicMs() - waiting.oldestMs);
    return { depth: waiting.size, running: running.size, capacity, oldestAgeMs };
  }
}

/** How a task came into the queue. */
interface Joined {
  readonly mark: Mark;
  readonly sinceMs: number;
  /** The span that added it. */
  readonly span: ExemplarSpan | undefined;
}

class Task implements QueueTask {
  readonly #queue: TaskQueue;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #mark: Mark;
  #sinceMs: number;
  #span: ExemplarSpan | undefined;

  constructor(queue: TaskQueue, { mark, sinceMs, span }: Joined) {
    this.#queue = queue;
    this.#mark = mark;
    this.#sinceMs = sinceMs;
    this.#span = span;
  }

  started(): void {
    const { waiting, running, series, clock } = this.#queue;
    // When the mark is gone, the monitor's own `started` or `dropped` has taken this task as the oldest.
    if (this.#state !== 'waiting' || !waiting.leave(this.#mark)) return;
    const nowMs = clock.monotonicMs();
    // Who takes tasks out runs them for somebody else: what is active there belongs to the task only if nothing else does.
    this.#span ??= activeSpan();
    series.waited(nowMs - this.#sinceMs, this.#span);
    this.#mark = running.join(nowMs, this.#span);
    this.#sinceMs = nowMs;
    this.#state = 'running';
  }

  finished(): void {
    this.#end('completed');
  }

  failed(): void {
    this.#end('failed');
  }

  dropped(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'ended';
    if (this.#queue.waiting.leave(this.#mark)) this.#queue.series.count('dropped', this.#span);
  }

  #end(outcome: 'completed' | 'failed'): void {
    const state = this.#state;
    if (state === 'ended') return;
    this.#state = 'ended';
    const { waiting, running, series, clock } = this.#queue;
    const left = state === 'running' ? running.leave(this.#mark) : waiting.leave(this.#mark);
    if (!left) {
      // The task is in the hands of the monitor's own calls: end it as they do, or do nothing if they have ended it.
      if (state === 'waiting' && running.size > 0) this.#queue.ended(outcome);
      return;
    }
    if (state === 'running') series.ran(clock.monotonicMs() - this.#sinceMs, this.#span);
    series.count(outcome, this.#span);
  }
}
