// What counters grew by where the first growth counts: the series of a cause, a function or a lock begins with what
// happened for the first time, and rate() does not see a first value.
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { type Expressions, PRESENCE, type Selection } from './promql.js';

/** The upper bound of the highest bucket that grew: the quantile 1, for which no bucket has to be named. */
export function longest(
  e: Expressions,
  metric: MetricDefinition,
  windowS: number,
  labels: readonly string[],
  { matchers = [] }: Selection = {},
): string {
  const grew = growth(e, metric, windowS, { matchers, suffix: '_bucket' });
  return `histogram_quantile(1, ${e.by('sum', [...labels, 'le'], grew)})`;
}

/**
 * As `rate`, and the whole value of a series that began within the window, in a process that began then as well or was known
 * before: of another nobody knows when its value came about.
 */
function growth(e: Expressions, metric: MetricDefinition, windowS: number, selection: Selection): string {
  const series = e.series(metric, selection);
  const before = `offset ${e.duration(windowS)}`;
  const seconds = Number((windowS / e.options.shorten).toPrecision(6));
  const same = `on (${e.labels(...e.processLabels)})`;
  const known = `${e.series(PRESENCE, { suffix: '_count' })} ${before}`;
  const young = `${e.series(METRICS.processUptime)} < ${seconds}`;
  const began = `(${series} unless ${series} ${before} and ${same} (${known} or ${same} ${young}))`;
  return `(${began} / ${seconds} or ${e.over('rate', metric, windowS, selection)})`;
}
