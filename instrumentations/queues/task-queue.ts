// The tasks of one queue: how long each waits and runs, recorded while it goes through.
import { activeSpan } from '../../src/active-span.js';
import type { Clock } from '../../src/clock.js';
import type { ExemplarSpan } from '../../src/recorder/exemplars.js';
import type { QueueReading } from '../../src/shared-state.js';
import type { QueueSeries } from './queue-series.js';
import { type Mark, TaskLine } from './task-line.js';

/** One task of a queue; its times are exact in any order. A call that does not fit its state does nothing. */
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

/** Counts and times the tasks of a queue. */
export class TaskQueue {
  readonly waiting = new TaskLine();
  readonly running = new TaskLine();
  /** Where the tasks are recorded: another one when the queue gets another name, nowhere once it left the metrics. */
  series: QueueSeries | undefined;
  readonly clock: Clock;

  constructor(series: QueueSeries | undefined, clock: Clock) {
    this.series = series;
    this.clock = clock;
  }

  added(): QueueTask {
    const nowMs = this.clock.monotonicMs();
    const span = activeSpan();
    const task = new Task(this, { mark: this.waiting.join(nowMs, span), sinceMs: nowMs, span });
    this.series?.count('added', span);
    return task;
  }

  started(): void {
    const nowMs = this.clock.monotonicMs();
    const span = this.waiting.oldestSpan ?? activeSpan();
    this.series?.waited(nowMs - this.waiting.shift(), span);
    this.running.join(nowMs, span);
  }

  // A task that ends without ever having started leaves the queue, so that `added` and `finished` alone are right too.
  ended(state: 'completed' | 'failed'): void {
    const isRunning = this.running.size > 0;
    const span = isRunning ? this.running.oldestSpan : this.waiting.oldestSpan;
    if (isRunning) this.series?.ran(this.clock.monotonicMs() - this.running.shift(), span);
    else this.waiting.shift();
    this.series?.count(state, span);
  }

  dropped(): void {
    const span = this.waiting.oldestSpan;
    this.waiting.shift();
    this.series?.count('dropped', span);
  }

  /** Every task that waits was taken out. */
  emptied(): void {
    while (this.waiting.size > 0) this.dropped();
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
    series?.waited(nowMs - this.#sinceMs, this.#span);
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
    if (this.#queue.waiting.leave(this.#mark)) this.#queue.series?.count('dropped', this.#span);
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
    if (state === 'running') series?.ran(clock.monotonicMs() - this.#sinceMs, this.#span);
    series?.count(outcome, this.#span);
  }
}
