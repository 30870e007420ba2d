// How one member of a group stands, as series of the endpoint.
import type { Clock } from '../clock.js';
import { METRICS } from '../metric-names.js';
import { SeriesTable } from '../prometheus/snapshot.js';
import { createStore } from '../recorder/store.js';

/** How a member stands at a scrape. */
export interface MemberStanding {
  readonly isUp: boolean;
  /** Seconds since it was heard of; NaN before. */
  readonly ageS: number;
  readonly isServing: boolean;
}

export interface MemberFiguresTable {
  read(standing: MemberStanding): SeriesTable;
}

/** Creates the series of one member. */
export function createMemberFigures(clock: Clock): MemberFiguresTable {
  const store = createStore({ clock, report: () => {} });
  const up = store.observation(METRICS.groupMemberUp);
  const age = store.observation(METRICS.groupMemberAge);
  const serving = store.observation(METRICS.groupMemberServing);
  const reader = store.open();
  const table = new SeriesTable();
  return {
    read({ isUp, ageS, isServing }) {
      up.set(isUp ? 1 : 0);
      age.set(ageS);
      serving.set(isServing ? 1 : 0);
      table.apply(reader.read());
      return table;
    },
  };
}
