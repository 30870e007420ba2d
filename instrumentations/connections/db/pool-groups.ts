// Pools that have the same attributes share their series; a bounded number of them has its own.
import { ATTRIBUTES } from '../../../src/metric-names.js';
import type { SeriesAttributes } from '../../../src/recorder/recorder.js';
import { PoolSeries, type UntoldFigure } from './pool-series.js';

/** Pools of an application beyond this many share the name `other`. */
export const POOL_NAME_LIMIT = 100;

interface Group {
  readonly key: string;
  readonly series: PoolSeries;
  members: number;
}

const groups = new Map<string, Group>();
const groupOf = new WeakMap<PoolSeries, Group>();

/** The series of pools with these attributes, for one more pool. */
export function joinPools(attributes: SeriesAttributes, untold: readonly UntoldFigure[]): PoolSeries {
  let key = JSON.stringify([attributes, untold]);
  let group = groups.get(key);
  if (group === undefined && groups.size >= POOL_NAME_LIMIT) {
    key = 'other';
    group = groups.get(key) ?? create(key, { [ATTRIBUTES.dbClientConnectionPoolName]: 'other' }, []);
  }
  group ??= create(key, attributes, untold);
  group.members++;
  return group.series;
}

/** One pool less; with the last one the series end. */
export function leavePools(series: PoolSeries): void {
  const group = groupOf.get(series);
  if (group === undefined || --group.members > 0) return;
  groups.delete(group.key);
  groupOf.delete(series);
  series.end();
}

function create(key: string, attributes: SeriesAttributes, untold: readonly UntoldFigure[]): Group {
  const group = { key, series: new PoolSeries(attributes, untold), members: 0 };
  groups.set(key, group);
  groupOf.set(group.series, group);
  return group;
}
