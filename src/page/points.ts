// One point of the history from two readings that are about a second apart.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { ParsedMetrics } from '../prometheus/parse.js';
import { createFigures, type Figures, labelOf } from '../status/figures.js';
import { mean, quantile } from '../status/quantile.js';
import type { Point } from './history.js';

/** What a point is made of. */
export const POINT_METRICS: ReadonlySet<string> = new Set(
  [
    METRICS.eventLoopLag,
    METRICS.eventLoopTime,
    METRICS.processCpuTime,
    METRICS.processMemoryUsage,
    METRICS.heapUsed,
    METRICS.selfSnapshotAge,
    METRICS.processUptime,
  ].map(({ name }) => name),
);

/** A reading and its moment. */
export interface Reading {
  readonly metrics: ParsedMetrics;
  readonly monotonicMs: number;
}

export interface PointOptions {
  readonly unixS: number;
  readonly now: Reading;
  /** With the newest figures of the main thread before these. */
  readonly before: Reading | undefined;
  /** The one before, whatever it has. */
  readonly last: Reading | undefined;
  /** How long the main loop has not turned; 0 while it turns. */
  readonly blockedMs: number;
  /** From here on it is held. */
  readonly heldMs: number;
}

/** Makes the point. */
export function pointOf({ unixS, now, before, last, blockedMs, heldMs }: PointOptions): Point {
  const elapsedS = before === undefined ? 0 : (now.monotonicMs - before.monotonicMs) / 1000;
  const figures = createFigures({ now: now.metrics, before: before?.metrics, elapsedS });
  const isHeld = blockedMs > heldMs;
  const lag = isHeld
    ? undefined
    : figures.histograms(METRICS.eventLoopLag, [ATTRIBUTES.threadName], 1).find((one) => isMain(one) && isRecent(one));
  const meanS = lag === undefined ? Number.NaN : (mean(lag) ?? Number.NaN);
  const highS = lag === undefined ? Number.NaN : (quantile(lag, 0.99)?.value ?? Number.NaN);
  return {
    unixS,
    // No probe is served while it is held: so long waits whatever came as it began.
    lagMeanMs: isHeld ? blockedMs : meanS * 1000,
    lagP99Ms: isHeld ? blockedMs : Math.max(highS, meanS) * 1000,
    utilization: isHeld ? 1 : activeShare(figures),
    cpus: cpusOf(now, last),
    memoryBytes: total(figures.gauges(METRICS.processMemoryUsage, [])),
    heapBytes: total(figures.gauges(METRICS.heapUsed, [ATTRIBUTES.threadName]).filter(isMain)),
    lagBuckets: lag?.buckets.map(({ count }, index) => count - (lag.buckets[index - 1]?.count ?? 0)),
    lagSumS: lag?.sum ?? 0,
  };
}

function isMain(one: { readonly labels: Readonly<Record<string, string>> }): boolean {
  return labelOf(one, ATTRIBUTES.threadName) === 'main';
}

function isRecent({ period }: { readonly period: string }): boolean {
  return period === 'interval';
}

// The observer reads it itself, so that it is of this second also while the loop is held.
function cpusOf(now: Reading, last: Reading | undefined): number {
  if (last === undefined) return Number.NaN;
  const [used, before] = [now, last].map(({ metrics }) =>
    total(createFigures({ now: metrics }).counters(METRICS.processCpuTime, [], 'lifetime')),
  ) as [number, number];
  return ((used - before) * 1000) / (now.monotonicMs - last.monotonicMs);
}

function activeShare(figures: Figures): number {
  const times = figures
    .counters(METRICS.eventLoopTime, [ATTRIBUTES.threadName, ATTRIBUTES.eventLoopState], 'interval')
    .filter(isMain);
  const all = total(times);
  const active = total(times.filter((one) => labelOf(one, ATTRIBUTES.eventLoopState) === 'active'));
  return all > 0 ? active / all : Number.NaN;
}

function total(figures: readonly { readonly value: number }[]): number {
  return figures.length === 0 ? Number.NaN : figures.reduce((sum, { value }) => sum + value, 0);
}
