// Asks for snapshots: one request at a time, answered requests shared, and no scrape waits for a blocked loop.
import type { Clock } from '../clock.js';
import { SeriesTable, type Snapshot } from '../prometheus/snapshot.js';

/**
 * A scrape waits this long for fresh figures and then takes the last ones. It is the better part of the 50 ms within
 * which a scrape is answered, because figures that are a whole scrape interval old make a step in every rate.
 */
export const SNAPSHOT_WAIT_MS = 30;

/** Without any figures there is nothing to show but those of the observer, so the first are waited for this long. */
export const FIRST_SNAPSHOT_WAIT_MS = 250;

/**
 * And this long for the figures of prom-client registries, while the loop turns: its metrics may read databases. One that
 * takes longer than the main thread waits for it is not waited for again (bridges/registries-reader.ts).
 */
export const REGISTRIES_WAIT_MS = 300;

/** And this long for an SDK that has begun to collect: its callbacks may ask a database. */
export const COLLECTION_WAIT_MS = 3000;

export interface CollectorOptions {
  readonly clock: Clock;
  /** Asks the instrumented thread for a snapshot; `ownOnly`: prom-client registries are not to be read for it. */
  readonly request: (ownOnly: boolean) => void;
  /** How long the loop has been overdue, in milliseconds; a loop that is blocked already is not waited for. */
  readonly blockedMs: () => number;
}

export interface RefreshOptions {
  /** Whether prom-client registries are left as they were: reading them may be costly. @default false */
  readonly ownOnly?: boolean;
}

/** The observer's end of collecting. */
export interface Collector {
  /** The figures as of the last snapshot. */
  readonly table: SeriesTable;
  /** The figures of prom-client registries as they were read last. */
  readonly registries: SeriesTable;
  /** Resolves once figures newer than the call are in the table, or the wait is over; rejects if the collection failed. */
  refresh(options?: RefreshOptions): Promise<void>;
  /** Takes a snapshot that was asked for; `registries` says that the figures of prom-client registries follow. */
  receive(snapshot: Snapshot, registries?: boolean): void;
  /** Takes the word that the collection has begun and goes on beside other work: its loop turns, so it is worth a longer wait. */
  begun(): void;
  /** Takes the figures of prom-client registries. */
  receiveRegistries(snapshot: Snapshot): void;
  /** Takes the word that the collection failed. */
  fail(): void;
  /** Seconds since the last snapshot; NaN before the first. */
  ageS(): number;
}

/** A scrape that waits for figures. */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Gives up after this time, in milliseconds from now. */
  readonly wait: (ms: number) => void;
}

/** Creates a collector with an empty table. */
export function createCollector({ clock, request, blockedMs }: CollectorOptions): Collector {
  const table = new SeriesTable();
  const registries = new SeriesTable();
  let outstanding = false;
  let isOwnOnly = false;
  let registriesExpected = false;
  let registriesWaiting: (() => void)[] = [];
  let receivedMs = Number.NaN;
  let hasBegun = false;
  let waiting: Waiter[] = [];

  function settle(finish: (waiter: Waiter) => void): void {
    outstanding = false;
    hasBegun = false;
    const settled = waiting;
    waiting = [];
    for (const waiter of settled) finish(waiter);
  }

  function refreshOwn(ownOnly: boolean): Promise<void> {
    if (!outstanding) {
      outstanding = true;
      isOwnOnly = ownOnly;
      request(ownOnly);
    }
    const isFirst = Number.isNaN(receivedMs);
    if (blockedMs() > SNAPSHOT_WAIT_MS && !isFirst) return Promise.resolve();
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const waiter = {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error: Error) => {
          clearTimeout(timer);
          reject(error);
        },
        wait(ms: number) {
          clearTimeout(timer);
          timer = setTimeout(() => {
            waiting = waiting.filter((other) => other !== waiter);
            resolve();
          }, ms);
        },
      };
      waiter.wait(hasBegun ? COLLECTION_WAIT_MS : isFirst ? FIRST_SNAPSHOT_WAIT_MS : SNAPSHOT_WAIT_MS);
      waiting.push(waiter);
    });
  }

  // In short steps, because the loop may be held meanwhile.
  async function refreshRegistries(): Promise<void> {
    for (let waitedMs = 0; registriesExpected && waitedMs < REGISTRIES_WAIT_MS; waitedMs += SNAPSHOT_WAIT_MS) {
      if (blockedMs() > SNAPSHOT_WAIT_MS) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SNAPSHOT_WAIT_MS);
        registriesWaiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  return {
    table,
    registries,
    async refresh({ ownOnly = false } = {}) {
      // What was asked for without registries does not answer a scrape.
      if (!ownOnly && outstanding && isOwnOnly) await refreshOwn(true);
      await refreshOwn(ownOnly);
      if (!ownOnly) await refreshRegistries();
    },
    receive(snapshot, registriesFollow = false) {
      if (!isOwnOnly) registriesExpected = registriesFollow;
      table.apply(snapshot);
      receivedMs = clock.monotonicMs();
      settle((waiter) => waiter.resolve());
    },
    begun() {
      hasBegun = true;
      for (const waiter of waiting) waiter.wait(COLLECTION_WAIT_MS);
    },
    receiveRegistries(snapshot) {
      registries.apply(snapshot);
      registriesExpected = false;
      const settled = registriesWaiting;
      registriesWaiting = [];
      for (const resolve of settled) resolve();
    },
    fail() {
      settle((waiter) => waiter.reject(new Error('the collection failed')));
    },
    ageS: () => (clock.monotonicMs() - receivedMs) / 1000,
  };
}
