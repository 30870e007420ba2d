// What never changes about the lines of a family's series, rendered once and kept until a series comes or goes.
import { type LabelContext, renderSeries } from './label-context.js';
import { formatUnixSeconds } from './numbers.js';
import { type RenderedFamily, startOf } from './rendered.js';
import type { SeriesDescription } from './snapshot.js';

/** One series, but for its values. */
export interface PreparedSeries {
  readonly series: SeriesDescription;
  readonly labels: string;
  /** What its first line begins with. */
  readonly start: string;
  /** The line of OpenMetrics that tells when it began; empty where there is none. */
  readonly created: string;
}

/** Series of one family. */
interface PreparedFamily {
  readonly series: readonly PreparedSeries[];
  /** Whether no two of them have the same labels. */
  readonly areDistinct: boolean;
}

/** What the lines depend on beside the series. */
interface PreparingRules {
  readonly rendered: RenderedFamily;
  readonly labels: LabelContext;
  /** Whether it is told when series began. */
  readonly hasCreated: boolean;
}

interface Kept extends PreparingRules, PreparedFamily {}

const kept = new WeakMap<readonly SeriesDescription[], Kept>();

/** Prepares `list`, or returns what was prepared by the same rules before: arrays must never change. */
export function prepareFamily(list: readonly SeriesDescription[], rules: PreparingRules): PreparedFamily {
  const { rendered, labels, hasCreated } = rules;
  const known = kept.get(list);
  if (known?.rendered === rendered && known.labels.key === labels.key && known.hasCreated === hasCreated) return known;
  const series = list.map((one) => prepare(one, rules));
  const areDistinct = new Set(series.map((one) => one.labels)).size === series.length;
  const fresh = { ...rules, series, areDistinct };
  kept.set(list, fresh);
  return fresh;
}

function prepare(series: SeriesDescription, { rendered, labels: context, hasCreated }: PreparingRules): PreparedSeries {
  const labels = renderSeries(series, context);
  const isTold = hasCreated && series.startUnixMs > 0;
  return {
    series,
    labels,
    start: startOf(rendered.value, labels),
    created: isTold ? `${startOf(rendered.created, labels)}${formatUnixSeconds(series.startUnixMs)}\n` : '',
  };
}
