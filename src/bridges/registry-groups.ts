// Puts the samples of each series of a histogram or summary together.
import type { RegistryReading, RegistryValue } from './registry.js';

/** Labels of a series, by name. */
export type Labels = Readonly<Record<string, unknown>>;

/** The samples of one series. */
export interface SampleGroup {
  /** Without that of the points. */
  readonly labels: Labels;
  /** Bound or quantile, value and exemplar of each. */
  readonly points: { readonly at: number; readonly value: number; readonly exemplar: RegistryValue['exemplar'] }[];
  sum: number;
  count: number;
}

/** Groups the samples of `reading` by series; `pointLabel` is `le` or `quantile`. */
export function groupSamples({ name, values = [] }: RegistryReading, pointLabel: string): Iterable<SampleGroup> {
  const sumName = `${name}_sum`;
  const countName = `${name}_count`;
  // In text form all samples of a series share one object; otherwise its labels are beside the point's in each.
  const groups = new Map<object | string, SampleGroup>();
  for (const { labels = {}, sharedLabels, metricName, value, exemplar } of values) {
    const own = sharedLabels ?? without(labels, pointLabel);
    const key = sharedLabels ?? JSON.stringify(pairsOf(own));
    let group = groups.get(key);
    if (group === undefined) {
      group = { labels: own, points: [], sum: Number.NaN, count: 0 };
      groups.set(key, group);
    }
    if (metricName === sumName) group.sum = value;
    else if (metricName === countName) group.count = value;
    else group.points.push({ at: pointOf(labels[pointLabel]), value, exemplar });
  }
  return groups.values();
}

/** Labels in order of their names; those of the registry where a series has none of the name. */
export function pairsOf(labels: Labels, defaultLabels: Labels = {}): [name: string, value: string][] {
  return Object.entries({ ...defaultLabels, ...labels })
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

function without(labels: Labels, name: string): Labels {
  const { [name]: _, ...others } = labels;
  return others;
}

function pointOf(label: unknown): number {
  return label === '+Inf' ? Number.POSITIVE_INFINITY : Number(label);
}
