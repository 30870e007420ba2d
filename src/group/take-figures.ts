// The receiving end of a member's figures. Members may be of other versions, or no members at all: everything is checked.
import {
  type FamilyDescription,
  type FamilyKind,
  type SeriesDescription,
  type SeriesExemplar,
  SeriesTable,
} from '../prometheus/snapshot.js';
import type { Frame } from './frames.js';

/** What one member showed of itself last. */
export interface MemberFigures {
  readonly tables: readonly SeriesTable[];
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

const KINDS: readonly FamilyKind[] = ['counter', 'updowncounter', 'gauge', 'histogram', 'summary'];
const MAX_TABLES = 8;
/** Series of one member; the recorder's own limits keep an honest one far below. */
const MAX_SERIES = 50_000;

/** Creates the function that takes the figures of one connection. It throws an Error where they are not well-formed. */
export function createFiguresTaker(): (frame: Frame) => MemberFigures {
  const takers: TableTaker[] = [];
  return ({ message, values }) => {
    const { tables: changes, constantLabels, resource } = record(message);
    const list = array(changes);
    if (list.length > MAX_TABLES) throw malformed('number of tables');
    while (takers.length < list.length) takers.push(createTableTaker());
    let rest = values;
    const tables = takers.slice(0, list.length).map(({ table, take }, index) => {
      rest = take(record(list[index]), rest);
      return table;
    });
    return { tables, constantLabels: texts(constantLabels), resource: texts(resource) };
  };
}

interface TableTaker {
  readonly table: SeriesTable;
  /** Takes what changed and the first of `values`; returns those that are left. */
  readonly take: (changes: Readonly<Record<string, unknown>>, values: Float64Array) => Float64Array;
}

function createTableTaker(): TableTaker {
  const table = new SeriesTable();
  const known = new Set<number>();
  return {
    table,
    take({ unixMs, families, added, removed, exemplars, length }, values) {
      // A copy of its own, because the table keeps it.
      const own = values.slice(0, indexUpTo(length, values.length));
      const described = array(families).map(familyOf);
      const gone = array(removed).map(number);
      const come = array(added).map((entry) => seriesOf(entry, described, own.length));
      for (const id of gone) known.delete(id);
      for (const { id } of come) {
        // The table would keep both, and there would be no end to them.
        if (known.has(id)) throw malformed('id');
        known.add(id);
      }
      if (known.size > MAX_SERIES) throw malformed('number of series');
      table.apply({
        unixMs: timeOf(unixMs),
        added: come,
        removed: gone,
        values: own,
        exemplars: array(exemplars).map(exemplarOf),
      });
      return values.subarray(own.length);
    },
  };
}

function familyOf(value: unknown): FamilyDescription {
  const { name, unit, kind, description, bounds, quantiles, hasSum, scope, isPrometheusName } = record(value);
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) throw malformed('kind');
  return {
    name: text(name),
    unit: text(unit),
    kind: known,
    description: text(description),
    ...(bounds === undefined ? {} : { bounds: array(bounds).map(number) }),
    ...(quantiles === undefined ? {} : { quantiles: array(quantiles).map(number) }),
    ...(hasSum === false ? { hasSum } : {}),
    ...(scope === undefined ? {} : { scope: scopeOf(scope) }),
    ...(isPrometheusName === true ? { isPrometheusName } : {}),
  };
}

function scopeOf(value: unknown): NonNullable<FamilyDescription['scope']> {
  const { name, version, schemaUrl, attributes } = record(value);
  return {
    name: text(name),
    ...(version === undefined ? {} : { version: text(version) }),
    ...(schemaUrl === undefined ? {} : { schemaUrl: text(schemaUrl) }),
    ...(attributes === undefined ? {} : { attributes: pairs(attributes) }),
  };
}

function seriesOf(value: unknown, families: readonly FamilyDescription[], length: number): SeriesDescription {
  const [id, place, attributes, offset, startUnixMs] = array(value);
  const family = families[indexUpTo(place, families.length - 1)];
  if (family === undefined) throw malformed('family');
  return {
    id: number(id),
    family,
    attributes: pairs(attributes),
    offset: indexUpTo(offset, length - widthOf(family)),
    startUnixMs: timeOf(startUnixMs),
  };
}

function widthOf({ kind, bounds = [], quantiles = [] }: FamilyDescription): number {
  if (kind === 'histogram') return bounds.length + 2;
  return kind === 'summary' ? quantiles.length + 2 : 1;
}

function exemplarOf(value: unknown): SeriesExemplar {
  const { series, bucket, value: measured, unixMs, traceId, spanId, labels } = record(value);
  return {
    series: number(series),
    bucket: indexUpTo(bucket, 1000),
    value: number(measured),
    unixMs: timeOf(unixMs),
    traceId: text(traceId),
    spanId: text(spanId),
    ...(labels === undefined ? {} : { labels: pairs(labels) }),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('object');
  return value as Readonly<Record<string, unknown>>;
}

function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed('array');
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw malformed('text');
  return value;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, entry]) => [key, text(entry)]));
}

function pairs(value: unknown): (readonly [string, string])[] {
  return array(value).map((pair) => {
    const [key, entry] = array(pair);
    return [text(key), text(entry)] as const;
  });
}

/** JSON has no NaN, which is what a time is that nobody knows. */
function timeOf(value: unknown): number {
  return value === null ? Number.NaN : number(value);
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw malformed('number');
  return value;
}

/** An integer from 0 to `last`. */
function indexUpTo(value: unknown, last: number): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > last) throw malformed('index');
  return value as number;
}

function malformed(what: string): Error {
  return new Error(`the figures of a member have a malformed ${what}`);
}
