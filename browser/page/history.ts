// The points that the page has: a quarter of an hour, in columns as the graphs read them.
import type { PageHistory } from '../../src/page/state.js';

export type Columns = { readonly [name in keyof PageHistory]: readonly (number | null)[] };

const MOST = 900;

/** Points, to which further ones are added. */
export interface Points {
  readonly columns: Columns;
  replace(history: PageHistory): void;
  add(history: PageHistory): void;
}

/** None yet. */
export function createPoints(): Points {
  let columns: Columns = NONE;
  function add(history: PageHistory): void {
    const lastS = columns.unixS.at(-1) ?? 0;
    const isNew = history.unixS.map((unixS) => unixS > (lastS ?? 0));
    const names = Object.keys(NONE) as (keyof Columns)[];
    const longer = names.map((name) => [
      name,
      [...columns[name], ...history[name].filter((_, index) => isNew[index] === true)].slice(-MOST),
    ]);
    columns = Object.fromEntries(longer) as Columns;
  }
  return {
    get columns() {
      return columns;
    },
    replace(history) {
      columns = NONE;
      add(history);
    },
    add,
  };
}

const NONE: Columns = {
  unixS: [],
  lagMeanMs: [],
  lagP99Ms: [],
  utilization: [],
  cpus: [],
  memoryBytes: [],
  heapBytes: [],
  stalledMs: [],
};
