// The history of restarts: the last 4,000 are kept, and each is written to a (pretended) database.
import { setTimeout as wait } from 'node:timers/promises';
import { Traced } from 'loopsight';
import type { ServiceFlags, ServiceVersion } from './flags.js';
import { createRecord, encodeSave, type HistoryRecord } from './history-encoding.js';
import type { RestartEvent } from './restart-queue.js';

/** Bounds memory, and what a save of version 2 costs. */
const RECORDS_KEPT = 4000;
const WRITE_MS = 10;
/** What comes with the lock that is held too long: without it, nobody waits for a slow write. */
const SLOW_WRITE_MS = 100;

export class History {
  readonly #version: ServiceVersion;
  readonly #writeMs: number;
  readonly #records: HistoryRecord[] = [];
  #writtenBytes = 0;

  constructor({ version, faults }: Pick<ServiceFlags, 'version' | 'faults'>) {
    this.#version = version;
    this.#writeMs = faults.has('held-lock') ? SLOW_WRITE_MS : WRITE_MS;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  @Traced()
  async save(event: RestartEvent): Promise<void> {
    this.#records.push(createRecord(event.id, event.host, new Date()));
    if (this.#records.length > RECORDS_KEPT) this.#records.shift();
    const bytes = encodeSave(this.#version, this.#records);
    await wait(this.#writeMs);
    this.#writtenBytes += bytes.length;
  }
}
