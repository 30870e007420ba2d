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

export interface CollectorOptions {
  readonly clock: Clock;
  /** Asks the instrumented thread for a snapshot. */
  readonly request: () => void;
  /** How long the loop has been overdue, in milliseconds; a loop that is blocked already is not waited for. */
  readonly blockedMs: () => number;
}

/** The observer's end of collecting. */
export interface Collector {
  /** The figures as of the last snapshot. */
  readonly table: SeriesTable;
  /** Resolves once figures newer than the call are in the table, or the wait is over; rejects if the collection failed. */
  refresh(): Promise<void>;
  /** Takes a snapshot that was asked for. */
  receive(snapshot: Snapshot): void;
  /** Takes the word that the collection failed. */
  fail(): void;
  /** Seconds since the last snapshot; NaN before the first. */
  ageS(): number;
}

/** Creates a collector with an empty table. */
export function createCollector({ clock, request, blockedMs }: CollectorOptions): Collector {
  const table = new SeriesTable();
  let outstanding = false;
  let receivedMs = Number.NaN;
  let waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  function settle(finish: (waiter: (typeof waiting)[number]) => void): void {
    outstanding = false;
    const settled = waiting;
    waiting = [];
    for (const waiter of settled) finish(waiter);
  }

  return {
    table,
    refresh() {
      if (!outstanding) {
        outstanding = true;
        request();
      }
      const isFirst = Number.isNaN(receivedMs);
      if (blockedMs() > SNAPSHOT_WAIT_MS && !isFirst) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const waiter = {
          resolve: () => {
            clearTimeout(timer);
            resolve();
          },
          reject: (error: Error) => {
            clearTimeout(timer);
            reject(error);
          },
        };
        const timer = setTimeout(
          () => {
            waiting = waiting.filter((other) => other !== waiter);
            resolve();
          },
          isFirst ? FIRST_SNAPSHOT_WAIT_MS : SNAPSHOT_WAIT_MS,
        );
        waiting.push(waiter);
      });
    },
    receive(snapshot) {
      table.apply(snapshot);
      receivedMs = clock.monotonicMs();
      settle((waiter) => waiter.resolve());
    },
    fail() {
      settle((waiter) => waiter.reject(new Error('the collection failed')));
    },
    ageS: () => (clock.monotonicMs() - receivedMs) / 1000,
  };
}
