// Asking the observer for the figures that it reads itself, for those who show them on the main thread.
import { SeriesTable, type Snapshot } from '../prometheus/snapshot.js';

/** It answers at once when it runs, and its start takes a moment; both in milliseconds. */
const WAIT_MS = 100;
const FIRST_WAIT_MS = 1_000;

/** What the observer reads itself. */
export interface LiveFigures {
  readonly table: SeriesTable;
  /** Whether it answered this time. */
  readonly isFresh: boolean;
}

/** The main thread's end of asking. */
export interface LiveRequests {
  /** The figures; as of an earlier call where it does not answer in time, undefined before its first answer. */
  read(): Promise<LiveFigures | undefined>;
  /** Takes an answer. */
  receive(snapshot: Snapshot): void;
  /** An observer begins: it tells of every series anew. */
  begun(): void;
  /** The observer has ended: nobody is asked until the next one begins. */
  ended(): void;
}

/** Creates the requests; `ask` sends one, and at most one is under way. */
export function createLiveRequests(ask: () => void): LiveRequests {
  let table: SeriesTable | undefined;
  let isThere = false;
  let asked: { readonly answer: Promise<boolean>; readonly settle: (isFresh: boolean) => void } | undefined;

  function request(): Promise<boolean> {
    if (asked !== undefined) return asked.answer;
    let settle: (isFresh: boolean) => void = () => {};
    const answer = new Promise<boolean>((resolve) => {
      // Not unref'd: who waits for the figures may be all that keeps the program alive.
      const patience = setTimeout(() => settle(false), table === undefined ? FIRST_WAIT_MS : WAIT_MS);
      settle = (isFresh) => {
        clearTimeout(patience);
        asked = undefined;
        resolve(isFresh);
      };
    });
    asked = { answer, settle };
    ask();
    return answer;
  }

  return {
    async read() {
      const isFresh = isThere && (await request());
      return table === undefined ? undefined : { table, isFresh };
    },
    receive(snapshot) {
      table ??= new SeriesTable();
      table.apply(snapshot);
      asked?.settle(true);
    },
    begun() {
      isThere = true;
      table = undefined;
    },
    ended() {
      isThere = false;
      asked?.settle(false);
    },
  };
}
