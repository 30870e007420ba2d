// A task that also ends when its time is over or when it is aborted, though its function may go on: the library gives its
// place to the next one then.
import { clearTimeout, setTimeout } from 'node:timers';
import type { QueueTask } from '../task-queue.js';
import { whenAborted } from './when-aborted.js';

/** Timers fire at once for a longer delay. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** `task` with an end: after `timeoutMs` from its start, or when `signal` aborts; itself where neither limits it. */
export function limitTask(task: QueueTask, timeoutMs: unknown, signal: unknown): QueueTask {
  const limitMs = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= LONGEST_TIMER_MS ? timeoutMs : 0;
  const aborter = typeof signal === 'object' && signal !== null ? signal : undefined;
  return limitMs === 0 && aborter === undefined ? task : new LimitedTask(task, limitMs, aborter);
}

class LimitedTask implements QueueTask {
  readonly #task: QueueTask;
  readonly #limitMs: number;
  readonly #forget: (() => void) | undefined;
  #hasStarted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(task: QueueTask, limitMs: number, signal: object | undefined) {
    this.#task = task;
    this.#limitMs = limitMs;
    this.#forget = signal === undefined ? undefined : whenAborted(signal, () => this.#cut());
  }

  started(): void {
    this.#hasStarted = true;
    this.#task.started();
    if (this.#limitMs > 0) this.#timer = setTimeout(() => this.#cut(), this.#limitMs).unref();
  }

  finished(): void {
    this.#clear();
    this.#task.finished();
  }

  failed(): void {
    this.#clear();
    this.#task.failed();
  }

  dropped(): void {
    this.#clear();
    this.#task.dropped();
  }

  #cut(): void {
    if (this.#hasStarted) this.failed();
    else this.dropped();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#forget?.();
  }
}
