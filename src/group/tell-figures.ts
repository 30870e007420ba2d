// The sending end of a member's figures: each series is described once a connection, values are sent every time.
import type { OwnFigures } from '../observer/exposition.js';
import type { FamilyDescription, SeriesDescription, SeriesExemplar, SeriesTable } from '../prometheus/snapshot.js';
import { encodeFrame } from './frames.js';
import type { AddedSeries, Figures, TableChanges } from './messages.js';

/** Creates the function that encodes the figures for one connection. */
export function createFiguresTeller(): (figures: OwnFigures) => Buffer {
  const tellers: ((table: SeriesTable) => TableChanges)[] = [];
  return ({ tables, constantLabels, resource }) => {
    const changes = tables.map((table, index) => {
      tellers[index] ??= createTableTeller();
      return tellers[index](table);
    });
    const message: Figures = { type: 'figures', constantLabels, resource, tables: changes };
    return encodeFrame(
      message,
      tables.map(({ values }) => values),
    );
  };
}

function createTableTeller(): (table: SeriesTable) => TableChanges {
  let told = new Map<number, Told>();
  return (table) => {
    const families: FamilyDescription[] = [];
    const added: AddedSeries[] = [];
    const removed: number[] = [];
    const exemplars: SeriesExemplar[] = [];
    const now = new Map<number, Told>();
    for (const { family, series } of table.families.values()) {
      let place = -1;
      for (const one of series.values()) {
        const { id } = one;
        const before = told.get(id);
        if (before !== undefined && isSame(before.series, one)) now.set(id, before);
        else {
          if (before !== undefined) removed.push(id);
          if (place < 0) place = families.push(one.family) - 1;
          // Views can give the series of one family different buckets.
          const index = one.family === family ? place : families.push(one.family) - 1;
          added.push([id, index, one.attributes, one.offset, one.startUnixMs]);
          now.set(id, { series: one, exemplars: [] });
        }
        addExemplars(now.get(id), table, exemplars);
      }
    }
    for (const id of told.keys()) if (!now.has(id)) removed.push(id);
    told = now;
    return { unixMs: table.unixMs, families, added, removed, exemplars, length: table.values.length };
  };
}

interface Told {
  readonly series: SeriesDescription;
  readonly exemplars: (SeriesExemplar | undefined)[];
}

function addExemplars(told: Told | undefined, table: SeriesTable, to: SeriesExemplar[]): void {
  if (told === undefined) return;
  table.exemplarsOf(told.series.id)?.forEach((exemplar, bucket) => {
    if (exemplar === undefined || told.exemplars[bucket] === exemplar) return;
    told.exemplars[bucket] = exemplar;
    if (Number.isFinite(exemplar.value)) to.push(exemplar);
  });
}

// A table that was copied has other objects for the same series.
function isSame(a: SeriesDescription, b: SeriesDescription): boolean {
  return a === b || (a.offset === b.offset && a.startUnixMs === b.startUnixMs && a.attributes === b.attributes);
}
