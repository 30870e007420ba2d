// The queue of restart events: first in, first out, many consumers.
import { type QueueTask, queueMonitor } from 'loopsight';
import type { Faults } from './faults.js';

/** A request to restart a host, to be handled before its deadline or extended. */
export interface RestartEvent {
  readonly id: number;
  readonly host: string;
  /** On the clock of `performance.now()`. */
  deadlineMs: number;
  /** Tells the queue's monitor what becomes of the event. */
  readonly task: QueueTask;
}

const LIMIT = 100;
/** What stands between the unbounded queue and the end of memory: some 10 MB. */
const SAFETY_LIMIT = 50_000;
const DEADLINE_MS = 10_000;

export class RestartQueue {
  readonly #monitor = queueMonitor('restarts');
  // A set keeps the order of insertion and, unlike an array, gives up its first element without moving the others.
  readonly #events = new Set<RestartEvent>();
  readonly #takers: ((event: RestartEvent | undefined) => void)[] = [];
  readonly #limit: number;
  #nextId = 1;
  #closed = false;

  constructor(faults: Faults) {
    this.#limit = faults.has('unbounded-queue') ? SAFETY_LIMIT : LIMIT;
  }

  /** Events that wait. */
  get depth(): number {
    return this.#events.size;
  }

  /** Adds an event; undefined when the queue is full or closed. */
  add(host: string): RestartEvent | undefined {
    if (this.#closed || this.#events.size >= this.#limit) {
      this.#monitor.added().dropped();
      return undefined;
    }
    const deadlineMs = performance.now() + DEADLINE_MS;
    const event = { id: this.#nextId++, host, deadlineMs, task: this.#monitor.added() };
    const taker = this.#takers.shift();
    if (taker === undefined) this.#events.add(event);
    else {
      event.task.started();
      taker(event);
    }
    return event;
  }

  /** The next event, as soon as there is one; undefined once the queue is closed and empty. */
  async take(): Promise<RestartEvent | undefined> {
    for (const event of this.#events) {
      this.#events.delete(event);
      event.task.started();
      return event;
    }
    if (this.#closed) return undefined;
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Takes no more events; those that wait can still be taken. */
  close(): void {
    this.#closed = true;
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
