// The tasks that wait in a queue which tells nothing of them but their order.
import type { QueueTask } from '../task-queue.js';

/** So many places are kept before the tasks that have left are forgotten. */
const COMPACTED_AT = 1024;

/** A line of tasks; undefined stands for one that is not observed, so that the order stays right. */
export class WaitingTasks {
  #tasks: (QueueTask | undefined)[] = [];
  #head = 0;
  #immediate: { readonly task: QueueTask | undefined } | undefined;

  /** A task joins the line at one of its ends. */
  join(task: QueueTask | undefined, place: 'first' | 'last'): void {
    if (place === 'last') this.#tasks.push(task);
    else if (this.#head > 0) this.#tasks[--this.#head] = task;
    else this.#tasks.unshift(task);
  }

  /** A task does not wait: it is the next one to start. */
  runNow(task: QueueTask | undefined): void {
    this.#immediate = { task };
  }

  /** The task that starts now. */
  next(): QueueTask | undefined {
    const immediate = this.#immediate;
    if (immediate !== undefined) {
      this.#immediate = undefined;
      return immediate.task;
    }
    if (this.#head >= this.#tasks.length) return undefined;
    const task = this.#tasks[this.#head];
    this.#tasks[this.#head++] = undefined;
    if (this.#head >= COMPACTED_AT && this.#head * 2 >= this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head);
      this.#head = 0;
    }
    return task;
  }

  /** Nobody waits any more. */
  clear(): void {
    this.#tasks = [];
    this.#head = 0;
  }
}
