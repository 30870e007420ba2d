// What a trace says: work of the pool, synchronous calls, asynchronous requests and garbage collections, in figures.
import { createDurations, type DurationFigures, type Durations } from './durations.js';
import { pairsById, pairsOfThreads } from './pairs.js';
import { type PoolWork, watchPool } from './pool-work.js';
import { narrowCategory, type TraceEvent } from './trace-event.js';

/** Which threads something happened in. */
export type TracedThreads = 'main' | 'workers';

/** Work of one kind in libuv's thread pool. */
export interface PoolFigures {
  readonly kind: string;
  /** From the request until a thread of the pool took it. */
  readonly wait?: DurationFigures | undefined;
  readonly run?: DurationFigures | undefined;
  /** From the end of the work until the loop took its result. */
  readonly delivery?: DurationFigures | undefined;
  /** Requests whose result was not taken within the trace. */
  readonly unfinished: number;
}

/** Requests that Node tells as a whole: waiting, running and delivery together. */
export interface RequestFigures {
  readonly kind: 'fs' | 'dns';
  readonly name: string;
  readonly time: DurationFigures;
}

/** What held a thread. */
export interface HeldFigures {
  readonly name: string;
  readonly threads: TracedThreads;
  readonly time: DurationFigures;
}

/** A trace in figures. */
export interface TraceSummary {
  readonly events: number;
  /** Work that the pool had at the same time, on average, of the kinds that Node tells apart. */
  readonly poolThreadsBusy: number;
  readonly pool: readonly PoolFigures[];
  readonly requests: readonly RequestFigures[];
  readonly syncCalls: readonly HeldFigures[];
  readonly collections: readonly HeldFigures[];
}

/** Sums up events as they come. */
export interface TraceSumming {
  add(events: readonly TraceEvent[]): void;
  /** The figures of `windowMs` milliseconds, with the most time first. */
  result(windowMs: number): TraceSummary;
}

const COLLECTIONS: ReadonlyMap<string, string> = new Map([
  ['MinorGC', 'minor'],
  ['MajorGC', 'major'],
]);

/** Sums up a trace. `pid` tells the main thread from workers. */
export function sumTrace(pid: number): TraceSumming {
  const pool = watchPool();
  const held = pairsOfThreads();
  const requested = pairsById();
  const collected = pairsOfThreads();
  const figures = { sync: countsByKey(), requests: countsByKey(), collections: countsByKey() };
  let count = 0;

  function addOne(event: TraceEvent): void {
    const category = narrowCategory(event);
    const threads = event.tid === pid ? 'main' : 'workers';
    if (category.startsWith('node.threadpoolwork')) pool.add(event, category);
    else if (category === 'node.fs.sync' || category === 'node.fs_dir.sync') {
      figures.sync.add(`${threads} ${event.name.replace(/^fs(?:_dir)?\.sync\./, '')}`, held.add(event));
    } else if (category === 'node.fs.async' || category === 'node.fs_dir.async') {
      figures.requests.add(`fs ${event.name}`, requested.add(event));
    } else if (category === 'node.dns.native') figures.requests.add(`dns ${event.name}`, requested.add(event));
    else {
      const kind = COLLECTIONS.get(event.name);
      if (kind !== undefined) figures.collections.add(`${threads} ${kind}`, collected.add(event));
    }
  }

  function heldOf(counts: CountsByKey): HeldFigures[] {
    return counts.all().map(([threads, name, time]) => ({ name, threads: threads as TracedThreads, time }));
  }

  return {
    add(events) {
      count += events.length;
      for (const event of events) addOne(event);
    },
    result(windowMs) {
      const work = pool.result();
      const runMs = work.reduce((sum, { runUs = 0 }) => sum + runUs, 0) / 1000;
      return {
        events: count,
        poolThreadsBusy: windowMs > 0 ? runMs / windowMs : 0,
        pool: poolFigures(work),
        requests: figures.requests.all().map(([kind, name, time]) => ({ kind: kind as 'fs' | 'dns', name, time })),
        syncCalls: heldOf(figures.sync),
        collections: heldOf(figures.collections),
      };
    },
  };
}

function poolFigures(work: readonly PoolWork[]): PoolFigures[] {
  const kinds = [...new Set(work.map(({ kind }) => kind))];
  const all = kinds.map((kind) => {
    const ofKind = work.filter((piece) => piece.kind === kind);
    return {
      kind,
      wait: figuresOf(ofKind.map(({ waitUs }) => waitUs)),
      run: figuresOf(ofKind.map(({ runUs }) => runUs)),
      delivery: figuresOf(ofKind.map(({ deliveryUs }) => deliveryUs)),
      unfinished: ofKind.filter(({ isTaken }) => !isTaken).length,
    };
  });
  const totalMs = ({ wait, run }: PoolFigures) => (wait?.totalMs ?? 0) + (run?.totalMs ?? 0);
  return all.sort((a, b) => totalMs(b) - totalMs(a));
}

function figuresOf(values: readonly (number | undefined)[]): DurationFigures | undefined {
  const durations = createDurations();
  for (const value of values) if (value !== undefined) durations.add(value);
  return durations.figures();
}

interface CountsByKey {
  /** Counts a duration of `group name`; none is not counted. */
  add(key: string, us: number | undefined): void;
  all(): (readonly [group: string, name: string, figures: DurationFigures])[];
}

function countsByKey(): CountsByKey {
  const counts = new Map<string, Durations>();
  return {
    add(key, us) {
      if (us === undefined) return;
      const durations = counts.get(key) ?? createDurations();
      counts.set(key, durations);
      durations.add(us);
    },
    all() {
      const known = [...counts].flatMap(([key, durations]) => {
        const figures = durations.figures();
        const space = key.indexOf(' ');
        return figures === undefined ? [] : [[key.slice(0, space), key.slice(space + 1), figures] as const];
      });
      return known.sort(([, , a], [, , b]) => b.totalMs - a.totalMs);
    },
  };
}
