// How the loops of a process are, as its observer tells at its socket: what cannot be measured from outside through it.
import type { Clock } from '../clock.js';
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import { readingsOf } from '../page/readings.js';
import type { ParsedMetrics } from '../prometheus/parse.js';
import type { SeriesTable } from '../prometheus/snapshot.js';
import { createFigures, type Figure, labelOf } from '../status/figures.js';
import { mean, quantile } from '../status/quantile.js';

/** Where the socket answers with `ServedLoops`. */
export const LOOPS_PATH = '/loops.json';

/** Threads of one name; null for what is not known. Times in milliseconds, of the time since somebody asked before. */
export interface ServedLoop {
  readonly thread: string;
  readonly blockedMs: number;
  readonly lagMeanMs: number | null;
  readonly lagP99Ms: number | null;
  readonly utilization: number | null;
}

/** What the socket answers. */
export interface ServedLoops {
  readonly threads: readonly ServedLoop[];
}

export interface LoopsReaderOptions {
  readonly clock: Clock;
  /** Has the main thread send newer figures, as far as it turns. */
  readonly refresh: () => Promise<void>;
  /** Opens the figures of this process; called when somebody asks first. */
  readonly open: () => () => { readonly tables: readonly SeriesTable[] };
}

const THREAD_LIMIT = 200;
/** Readings that are closer together have the same one before them. */
const APART_MS = 200;
/** What was read longer ago says nothing of now. */
const FORGOTTEN_MS = 10_000;

const WANTED: ReadonlySet<string> = new Set(
  [METRICS.eventLoopBlocked, METRICS.eventLoopUtilization, METRICS.eventLoopLag].map(({ name }) => name),
);

interface Reading {
  readonly metrics: ParsedMetrics;
  readonly atMs: number;
}

/** Creates what the observer answers; nothing is read before it is asked. */
export function createLoopsReader({ clock, refresh, open }: LoopsReaderOptions): () => Promise<ServedLoops> {
  let figures: (() => { readonly tables: readonly SeriesTable[] }) | undefined;
  let last: Reading | undefined;
  let before: Reading | undefined;
  return async () => {
    // A main thread that does not send any is told of with what is there.
    await refresh().catch(() => {});
    figures ??= open();
    const now = { metrics: readingsOf(figures().tables, (name) => WANTED.has(name)), atMs: clock.monotonicMs() };
    if (last === undefined || now.atMs - last.atMs > APART_MS) {
      before = last;
      last = now;
    }
    if (before !== undefined && now.atMs - before.atMs > FORGOTTEN_MS) before = undefined;
    return { threads: loopsOf(now, before) };
  };
}

function loopsOf(now: Reading, before: Reading | undefined): readonly ServedLoop[] {
  const elapsedS = before === undefined ? undefined : (now.atMs - before.atMs) / 1000;
  const figures = createFigures({ now: now.metrics, before: before?.metrics, elapsedS });
  const by = [ATTRIBUTES.threadName];
  const nameOf = (figure: Pick<Figure, 'labels'>) => labelOf(figure, ATTRIBUTES.threadName);
  const blocked = new Map(figures.gauges(METRICS.eventLoopBlocked, by).map((one) => [nameOf(one), one.value]));
  const busy = new Map(figures.gauges(METRICS.eventLoopUtilization, by).map((one) => [nameOf(one), one.value]));
  const lags = new Map(figures.histograms(METRICS.eventLoopLag, by, 1).map((one) => [nameOf(one), one]));
  const names = [...new Set([...blocked.keys(), ...busy.keys(), ...lags.keys()])];
  return names.slice(0, THREAD_LIMIT).map((thread): ServedLoop => {
    const lag = lags.get(thread);
    const recent = lag?.period === 'interval' ? lag : undefined;
    return {
      thread,
      blockedMs: Math.round((blocked.get(thread) ?? 0) * 1000),
      lagMeanMs: recent === undefined ? null : milliseconds(mean(recent)),
      lagP99Ms: recent === undefined ? null : milliseconds(quantile(recent, 0.99)?.value),
      utilization: finite(busy.get(thread)),
    };
  });
}

const milliseconds = (seconds: number | undefined): number | null =>
  finite(seconds === undefined ? undefined : seconds * 1000);
const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
