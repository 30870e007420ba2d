// How many restarts were asked for, in a (pretended) database that two flows update: HTTP requests and the publisher.
import { setTimeout as wait } from 'node:timers/promises';
import { Traced, watchShared } from 'loopsight';
import type { Faults } from './faults.js';

/** What a query takes. */
const QUERY_MS = 100;

export class Totals {
  readonly #losesUpdates: boolean;
  #counted = 0;
  /** The row of the database; whoever overwrites what another one has added is told of on standard error. */
  readonly #row = watchShared({ stored: 0 }, 'totals');

  constructor(faults: Faults) {
    this.#losesUpdates = faults.has('lost-update');
  }

  /** What was added in truth, counted in memory. */
  get counted(): number {
    return this.#counted;
  }

  /** What the database says; behind by the updates that are under way. */
  get stored(): number {
    return this.#row.stored;
  }

  @Traced()
  async add(count: number): Promise<void> {
    this.#counted += count;
    if (this.#losesUpdates) {
      // The fault: whoever reads before another one has written writes over what that one adds.
      const total = await this.#read();
      await this.#write(total + count);
    } else await this.#increment(count);
  }

  async #read(): Promise<number> {
    await wait(QUERY_MS);
    return this.#row.stored;
  }

  async #write(total: number): Promise<void> {
    await wait(QUERY_MS);
    this.#row.stored = total;
  }

  /** As `update … set total = total + count`: the database does it in one step. */
  async #increment(count: number): Promise<void> {
    await wait(QUERY_MS);
    this.#row.stored += count;
  }
}
