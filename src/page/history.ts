// The last quarter of an hour, second by second: points for the graphs, and what the comparison of two ranges needs.
import { HISTORY_SECONDS, type PageHistory } from './state.js';

/** One second of the process; NaN where nothing was measured. */
export interface Point {
  readonly unixS: number;
  readonly lagMeanMs: number;
  readonly lagP99Ms: number;
  readonly utilization: number;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly heapBytes: number;
  /** How often the wait of a probe fell into each bucket; undefined while the loop was held. */
  readonly lagBuckets: readonly number[] | undefined;
  readonly lagSumS: number;
}

/** The points that are kept. */
export interface History {
  add(point: Point): void;
  /** Adds a stall of the main thread to the seconds that it lay in. */
  addStall(startUnixMs: number, durationMs: number): void;
  /** The points after a second, the newest `HISTORY_SECONDS` of them at most. */
  after(unixS: number): PageHistory;
  /** The points of a range, with both ends. */
  between(fromS: number, toS: number): readonly (Point & { readonly stalledMs: number })[];
}

interface Kept extends Point {
  stalledMs: number;
}

/** They are thrown away in lots: to move all points each second is more work than to keep a few too many. */
const SPARE = 60;
/** A clock that is kept exact is moved by less. */
export const SET_BACK_S = 2;

/** Creates an empty history. */
export function createHistory(): History {
  let points: Kept[] = [];
  // A stall is told of when it is over, and lies in seconds that are there; its last one may not be.
  let lateMs = { unixS: Number.NaN, ms: 0 };
  const since = (unixS: number) => points.slice(-HISTORY_SECONDS).filter((point) => point.unixS > unixS);
  return {
    add(point) {
      const lastS = points.at(-1)?.unixS ?? Number.NEGATIVE_INFINITY;
      // A clock that was set back: what was measured in the seconds that come again is given up, so that it goes on.
      if (point.unixS < lastS - SET_BACK_S) points = points.filter(({ unixS }) => unixS < point.unixS);
      else if (point.unixS <= lastS) return;
      points.push({ ...point, stalledMs: lateMs.unixS === point.unixS ? lateMs.ms : 0 });
      if (points.length > HISTORY_SECONDS + SPARE) points = points.slice(-HISTORY_SECONDS);
    },
    addStall(startUnixMs, durationMs) {
      const endMs = startUnixMs + durationMs;
      const within = (unixS: number) =>
        Math.max(0, Math.min(endMs, (unixS + 1) * 1000) - Math.max(startUnixMs, unixS * 1000));
      for (const point of points) point.stalledMs = Math.min(1000, point.stalledMs + within(point.unixS));
      const lastS = Math.floor(endMs / 1000);
      if (lastS > (points.at(-1)?.unixS ?? Number.NEGATIVE_INFINITY)) {
        lateMs = { unixS: lastS, ms: (lateMs.unixS === lastS ? lateMs.ms : 0) + within(lastS) };
      }
    },
    after(unixS) {
      const found = since(unixS);
      return {
        unixS: found.map((point) => point.unixS),
        lagMeanMs: found.map(({ lagMeanMs }) => known(lagMeanMs, 100)),
        lagP99Ms: found.map(({ lagP99Ms }) => known(lagP99Ms, 100)),
        utilization: found.map(({ utilization }) => known(utilization, 1000)),
        cpus: found.map(({ cpus }) => known(cpus, 1000)),
        memoryBytes: found.map(({ memoryBytes }) => known(memoryBytes, 1)),
        heapBytes: found.map(({ heapBytes }) => known(heapBytes, 1)),
        stalledMs: found.map(({ stalledMs }) => Math.round(stalledMs)),
      };
    },
    between: (fromS, toS) => points.filter(({ unixS }) => unixS >= fromS && unixS <= toS),
  };
}

function known(value: number, digits: number): number | null {
  return Number.isFinite(value) ? Math.round(value * digits) / digits : null;
}
