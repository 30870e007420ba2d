// Two ranges of the page's time beside each other.
import { LATENCY_BOUNDS_S } from '../metric-names.js';
import { REASONS } from '../stalls/tell/stall-sentence.js';
import { quantile } from '../status/quantile.js';
import { CHECKPOINT_SECONDS, type Checkpoints } from './checkpoints.js';
import type { History } from './history.js';
import type { KeptStalls } from './kept-stalls.js';
import type { PageBlocker, PageComparison, PageComparisonRow, PageRange } from './state.js';

/** Blockers and functions that are compared. */
const MAX_NAMED = 10;

export interface CompareOptions {
  readonly history: History;
  readonly stalls: KeptStalls;
  readonly checkpoints: Checkpoints;
  readonly nowUnixMs: number;
}

type Sides = readonly [a: PageRange, b: PageRange];

/** Compares; a figure that a range does not have is null. */
export function comparePageRanges(sides: Sides, options: CompareOptions): PageComparison {
  const functions = functionRows(sides, options);
  const lost = options.stalls.lost(options.nowUnixMs);
  return {
    a: sides[0],
    b: sides[1],
    rows: [...loopRows(sides, options), ...blockerRows(sides, options), ...functions.rows],
    notes: [...functions.notes, ...(lost > 0 ? [`${lost} of the oldest stalls are not kept any more.`] : [])],
  };
}

function loopRows(sides: Sides, { history }: CompareOptions): PageComparisonRow[] {
  const [a, b] = sides.map((range) => loopOf(history, range)) as [LoopFigures, LoopFigures];
  const row = (name: string, unit: PageComparisonRow['unit'], key: keyof LoopFigures): PageComparisonRow => ({
    group: 'loop',
    name,
    unit,
    a: known(a[key]),
    b: known(b[key]),
  });
  return [
    row('Lag, mean', 'ms', 'lagMeanMs'),
    row('Lag, p99', 'ms', 'lagP99Ms'),
    row('Loop utilization', 'share', 'utilization'),
    row('Time in stalls', 'share', 'stalled'),
    row('Processors used', 'cpus', 'cpus'),
    row('Memory', 'bytes', 'memoryBytes'),
    row('Heap of the main thread', 'bytes', 'heapBytes'),
  ];
}

interface LoopFigures {
  readonly lagMeanMs: number;
  readonly lagP99Ms: number;
  readonly utilization: number;
  readonly stalled: number;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly heapBytes: number;
}

function loopOf(history: History, { fromS, toS }: PageRange): LoopFigures {
  const points = history.between(fromS, toS);
  const counts = points.reduce<number[]>((sum, { lagBuckets = [] }) => {
    for (const [index, count] of lagBuckets.entries()) sum[index] = (sum[index] ?? 0) + count;
    return sum;
  }, []);
  const count = counts.reduce((sum, one) => sum + one, 0);
  const sum = points.reduce((all, { lagSumS }) => all + lagSumS, 0);
  let below = 0;
  const buckets = [...LATENCY_BOUNDS_S, Number.POSITIVE_INFINITY].map((bound, index) => {
    below += counts[index] ?? 0;
    return { bound, count: below };
  });
  return {
    lagMeanMs: count > 0 ? (sum / count) * 1000 : Number.NaN,
    lagP99Ms: (quantile({ count, sum, buckets }, 0.99)?.value ?? Number.NaN) * 1000,
    utilization: meanOf(points.map(({ utilization }) => utilization)),
    stalled: meanOf(points.map(({ stalledMs }) => stalledMs / 1000)),
    cpus: meanOf(points.map(({ cpus }) => cpus)),
    memoryBytes: meanOf(points.map(({ memoryBytes }) => memoryBytes)),
    heapBytes: meanOf(points.map(({ heapBytes }) => heapBytes)),
  };
}

// By its share of the time of a range, so that ranges of any length can stand beside each other.
function blockerRows(sides: Sides, { stalls }: CompareOptions): PageComparisonRow[] {
  const [a, b] = sides.map(({ fromS, toS }) => {
    const found = stalls.blockers(fromS * 1000, (toS + 1) * 1000).filter(({ thread }) => thread === 'main');
    const shares = new Map<string, number>();
    // One function may hold the loop in several ways.
    for (const one of found) {
      const name = blockerName(one);
      shares.set(name, (shares.get(name) ?? 0) + one.totalMs / 1000 / (toS - fromS + 1));
    }
    return shares;
  }) as [Map<string, number>, Map<string, number>];
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const largest = (name: string) => Math.max(a.get(name) ?? 0, b.get(name) ?? 0);
  return names
    .sort((one, other) => largest(other) - largest(one))
    .slice(0, MAX_NAMED)
    .map((name) => ({
      group: 'blockers',
      name,
      unit: 'share',
      a: known(Math.min(1, a.get(name) ?? 0)),
      b: known(Math.min(1, b.get(name) ?? 0)),
    }));
}

function blockerName({ function: name, file, cause }: PageBlocker): string {
  return name === '' ? REASONS[cause] : `${name} (${file})`;
}

function functionRows(sides: Sides, { checkpoints }: CompareOptions): { rows: PageComparisonRow[]; notes: string[] } {
  const [a, b] = sides.map(({ fromS, toS }) => checkpoints.within(fromS, toS));
  const all = [a, b].flatMap((side) => [...(side?.functions ?? [])]).filter(([, { calls }]) => calls > 0);
  if (all.length === 0) return { rows: [], notes: [] };
  if (a === undefined || b === undefined) {
    const note = `Functions are compared in ranges of ${2 * CHECKPOINT_SECONDS} s and more.`;
    return { rows: [], notes: [note] };
  }
  const names = [...new Set(all.sort(([, x], [, y]) => y.seconds - x.seconds).map(([name]) => name))];
  const rows = names.slice(0, MAX_NAMED).flatMap((name): PageComparisonRow[] => {
    const [one, other] = [a, b].map(({ seconds, functions }) => {
      const totals = functions.get(name);
      const calls = totals?.calls ?? 0;
      return {
        perSecond: calls / seconds,
        meanMs: totals === undefined || calls === 0 ? Number.NaN : (totals.seconds / calls) * 1000,
        own: (totals?.ownSeconds ?? 0) / seconds,
      };
    });
    if (one === undefined || other === undefined) return [];
    return [
      {
        group: 'functions',
        name: `${name}: calls`,
        unit: 'perSecond',
        a: known(one.perSecond),
        b: known(other.perSecond),
      },
      { group: 'functions', name: `${name}: mean`, unit: 'ms', a: known(one.meanMs), b: known(other.meanMs) },
      { group: 'functions', name: `${name}: own time`, unit: 'share', a: known(one.own), b: known(other.own) },
    ];
  });
  return { rows, notes: [] };
}

function meanOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? Number.NaN : finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

function known(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
}
