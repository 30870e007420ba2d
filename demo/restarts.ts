// Consumers of restart events: each restarts a host and saves the event at the same time, and extends its deadline meanwhile.
import { setInterval as ticks, setTimeout as wait } from 'node:timers/promises';
import { Traced } from 'loopsight';
import type { Announcer } from './announcer.js';
import type { Faults } from './faults.js';
import type { History } from './history.js';
import type { Hosts } from './hosts.js';
import { Locks } from './locks.js';
import type { RestartEvent, RestartQueue } from './restart-queue.js';
import { retry } from './retry.js';

const CONSUMERS = 4;
const ATTEMPTS = 3;
const BACK_OFF_MS = 100;
const EXTEND_EVERY_MS = 100;
const EXTENSION_MS = 1000;

export interface RestartCounts {
  handled: number;
  failed: number;
  /** Events that were taken, or extended, only after their deadline. */
  late: number;
}

export interface RestartParts {
  readonly queue: RestartQueue;
  readonly hosts: Hosts;
  readonly history: History;
  readonly announcer: Announcer;
  readonly faults: Faults;
}

export class RestartConsumers {
  readonly #locks = new Locks('hosts');
  readonly #holdsLock: boolean;
  readonly #queue: RestartQueue;
  readonly #hosts: Hosts;
  readonly #history: History;
  readonly #announcer: Announcer;
  readonly #counts: RestartCounts = { handled: 0, failed: 0, late: 0 };
  #consumers: readonly Promise<void>[] = [];

  constructor({ queue, hosts, history, announcer, faults }: RestartParts) {
    this.#queue = queue;
    this.#hosts = hosts;
    this.#history = history;
    this.#announcer = announcer;
    this.#holdsLock = faults.has('held-lock');
  }

  get counts(): Readonly<RestartCounts> {
    return this.#counts;
  }

  start(): void {
    this.#consumers = Array.from({ length: CONSUMERS }, () => this.#consume());
  }

  /** Closes the queue and handles what waits in it, for at most `limitMs`. */
  async drain(limitMs: number): Promise<void> {
    this.#queue.close();
    await Promise.race([Promise.all(this.#consumers), wait(limitMs, undefined, { ref: false })]);
  }

  @Traced()
  async handle(event: RestartEvent): Promise<void> {
    const pending = new AbortController();
    const extending = this.extendDeadline(event, pending.signal);
    try {
      await this.#restartAndSave(event);
    } finally {
      pending.abort();
      await extending;
    }
  }

  /** Moves the deadline on for as long as work is `pending`, that is, not aborted. */
  @Traced()
  async extendDeadline(event: RestartEvent, pending: AbortSignal): Promise<void> {
    this.#extend(event);
    try {
      for await (const _ of ticks(EXTEND_EVERY_MS, undefined, { signal: pending })) this.#extend(event);
    } catch (error) {
      if (!pending.aborted) throw error;
    }
  }

  /** No two restarts of one host run at the same time. */
  async #restartAndSave(event: RestartEvent): Promise<void> {
    const restart = () => retry(() => this.#hosts.restart(event.host), { attempts: ATTEMPTS, backOffMs: BACK_OFF_MS });
    if (this.#holdsLock) {
      // The fault: one lock for all, and held while something runs that needs none.
      await this.#locks.hold('all hosts', async () => {
        await restart();
        await this.#history.save(event);
      });
    } else await Promise.all([this.#locks.hold(event.host, restart), this.#history.save(event)]);
  }

  #extend(event: RestartEvent): void {
    const nowMs = performance.now();
    if (nowMs > event.deadlineMs) this.#counts.late++;
    event.deadlineMs = nowMs + EXTENSION_MS;
  }

  async #consume(): Promise<void> {
    for (let event = await this.#queue.take(); event !== undefined; event = await this.#queue.take()) {
      try {
        await this.handle(event);
        this.#counts.handled++;
        this.#announcer.announce(`${event.host} is back`);
        event.task.finished();
      } catch {
        // A host that stays away after all attempts is an ordinary outcome here: it is counted, and the next event is taken.
        this.#counts.failed++;
        this.#announcer.announce(`${event.host} did not come back`);
        event.task.failed();
      }
    }
  }
}
