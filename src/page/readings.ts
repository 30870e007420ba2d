// The tables of figures as the rules of `loopsight status` read them: what a scrape would show, without its text.
import { prometheusLabel, prometheusName, prometheusType } from '../prometheus/naming.js';
import type { ParsedFamily, ParsedMetrics, ParsedSample } from '../prometheus/parse.js';
import type { FamilyDescription, SeriesDescription, SeriesTable } from '../prometheus/snapshot.js';

/** Which families are read. */
export type Wanted = (name: string) => boolean;

/** Reads the tables as they are now; of a metric that two of them have, both series. */
export function readingsOf(tables: readonly SeriesTable[], wanted: Wanted = () => true): ParsedMetrics {
  const families = new Map<string, ParsedFamily>();
  for (const table of tables) {
    for (const { family, list } of table.families.values()) {
      if (family.isPrometheusName === true || !wanted(family.name)) continue;
      const name = nameOf(family);
      if (name === undefined) continue;
      let parsed = families.get(name);
      if (parsed === undefined) {
        parsed = { type: prometheusType(family.kind), help: '', samples: [] };
        families.set(name, parsed);
      }
      for (const series of list) addSamples(parsed.samples, name, series, table.values);
    }
  }
  return { families };
}

const names = new WeakMap<FamilyDescription, string>();

function nameOf(family: FamilyDescription): string | undefined {
  const known = names.get(family);
  if (known !== undefined) return known;
  const name = prometheusName(family);
  if (name !== undefined) names.set(family, name);
  return name;
}

/** Labels of a series, and of a histogram's buckets: they never change, and making them is most of the work. */
interface KeptLabels {
  readonly own: Readonly<Record<string, string>>;
  readonly buckets: readonly Readonly<Record<string, string>>[];
}

const labels = new WeakMap<SeriesDescription, KeptLabels>();

function labelsOf(series: SeriesDescription): KeptLabels {
  let kept = labels.get(series);
  if (kept === undefined) {
    const own = Object.fromEntries(series.attributes.map(([key, value]) => [prometheusLabel(key), value]));
    const { bounds } = series.family;
    const buckets = bounds === undefined ? [] : [...bounds, '+Inf'].map((le) => ({ ...own, le: String(le) }));
    kept = { own, buckets };
    labels.set(series, kept);
  }
  return kept;
}

function addSamples(samples: ParsedSample[], name: string, series: SeriesDescription, values: Float64Array): void {
  const { offset, family } = series;
  const first = values[offset] ?? Number.NaN;
  if (Number.isNaN(first)) return;
  const { own, buckets } = labelsOf(series);
  if (family.kind === 'summary') return;
  if (family.kind !== 'histogram') {
    samples.push({ name, labels: own, value: first });
    return;
  }
  let count = 0;
  buckets.forEach((bucket, index) => {
    count += values[offset + index] ?? 0;
    samples.push({ name: `${name}_bucket`, labels: bucket, value: count });
  });
  samples.push({ name: `${name}_sum`, labels: own, value: values[offset + buckets.length] ?? 0 });
  samples.push({ name: `${name}_count`, labels: own, value: count });
}
