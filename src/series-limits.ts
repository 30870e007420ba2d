// How many series a metric may have: a label that never stops taking new values must not take the memory of two systems.
import { reportObstacle } from './diagnostics.js';
import { numberBetween } from './option-values.js';

/** What a limit can be. */
export const seriesCount = numberBetween(1, 1_000_000, { integer: true });

export interface SeriesLimits {
  readonly seriesLimit: number;
  readonly seriesLimits: Readonly<Record<string, number>>;
}

/** The limit of a metric: what was given for it, else the smaller one of its own and of that for all. */
export function limitOf(
  { name, seriesLimit: own = Infinity }: { readonly name: string; readonly seriesLimit?: number },
  { seriesLimit, seriesLimits }: SeriesLimits,
): number {
  const given = Object.hasOwn(seriesLimits, name) ? seriesLimits[name] : undefined;
  return given ?? Math.min(own, seriesLimit);
}

/** Tells the application's logger which metric passed its limit; called once for each. */
export function reportOverflow(metric: string, limit: number): void {
  reportObstacle(
    `${metric} has more than ${limit} series; further ones share one with otel_metric_overflow="true" (docs/cardinality.md)`,
  );
}
