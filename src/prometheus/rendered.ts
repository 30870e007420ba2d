// What never changes about a family: its names and comments, rendered once for each format and kept as long as it lives.
import { escapeName, escapeQuotable, escapeText, isPlainName, quote, wellFormed } from './escaping.js';
import type { Format } from './format.js';
import { type PrometheusType, prometheusName, prometheusType, unitOf } from './naming.js';
import { formatBound, formatFloat } from './numbers.js';
import type { FamilyDescription } from './snapshot.js';
import type { Translation } from './translation.js';

/** What the names of families depend on. */
export interface NameRules {
  readonly format: Format;
  readonly translation: Translation;
}

/** The name of a sample as it begins a line. */
export interface SampleName {
  /** Where there are no labels: all before the value. */
  readonly bare: string;
  /** All before the labels. */
  readonly open: string;
}

/** A family under its Prometheus name. */
export interface RenderedFamily {
  /** The name of the family in the text format; of a counter, the name of its samples. */
  readonly name: string;
  readonly type: PrometheusType | 'unknown';
  readonly help: string;
  readonly unit: string;
  /** The names of its samples in the text format: no two families may share one. */
  readonly sampleNames: readonly string[];
  /** The names that it takes up in OpenMetrics; in the text format the same as `sampleNames`. */
  readonly reservedNames: readonly string[];
  readonly header: string;
  readonly value: SampleName;
  readonly bucket: SampleName;
  readonly sum: SampleName;
  readonly count: SampleName;
  readonly created: SampleName;
  readonly bounds: readonly number[] | undefined;
  /** What follows the labels in the line of each bucket or quantile. */
  readonly ends: readonly string[];
}

const families = new WeakMap<FamilyDescription, Map<string, RenderedFamily | undefined>>();

/** The rendered family; undefined when it has no Prometheus name. */
export function renderFamily(family: FamilyDescription, rules: NameRules): RenderedFamily | undefined {
  const { format, translation } = rules;
  const key = `${format.kind} ${format.escaping} ${translation.underscores} ${translation.suffixes}`;
  let versions = families.get(family);
  if (versions === undefined) {
    versions = new Map();
    families.set(family, versions);
  }
  if (!versions.has(key)) {
    const name = nameOf(family, rules);
    versions.set(key, name === undefined ? undefined : describe(family, name, prometheusType(family.kind), rules));
  }
  return versions.get(key);
}

/** A counter as what it is where its name does not say so: OpenMetrics has a type for that, and takes any name for it. */
export function asUnknown(family: FamilyDescription, { name }: RenderedFamily, rules: NameRules): RenderedFamily {
  return describe(family, name, 'unknown', rules);
}

/** What follows the labels in the line of each bucket or quantile of a series whose bounds are not the family's. */
export function renderEnds(
  { kind, bounds = [], quantiles = [] }: FamilyDescription,
  format: Format,
): readonly string[] {
  const spell = format.kind === 'openmetrics' ? formatFloat : formatBound;
  if (kind === 'summary') return quantiles.map((quantile) => `quantile="${spell(quantile)}"} `);
  return kind === 'histogram' ? [...bounds, Infinity].map((bound) => `le="${spell(bound)}"} `) : [];
}

function nameOf(family: FamilyDescription, { format, translation }: NameRules): string | undefined {
  if (family.isPrometheusName) return escapeName(wellFormed(family.name), format.escaping);
  const translated = prometheusName(family, translation);
  if (translated === undefined) return undefined;
  const name = escapeName(wellFormed(translated), format.escaping);
  return format.escaping === 'allow-utf-8' || /[a-zA-Z0-9]/.test(name) ? name : undefined;
}

function describe(
  family: FamilyDescription,
  name: string,
  kind: PrometheusType | 'unknown',
  { format }: NameRules,
): RenderedFamily {
  const isOpenMetrics = format.kind === 'openmetrics';
  // A counter that is not called so cannot be one there: its samples would have to have another name than in the text format.
  const type = isOpenMetrics && kind === 'counter' && !/._total$/.test(name) ? 'unknown' : kind;
  const familyName = isOpenMetrics && type === 'counter' ? name.slice(0, -'_total'.length) : name;
  const help = family.description.trim() === '' ? 'description missing' : family.description;
  const unit = family.isPrometheusName === true ? '' : unitOf(family);
  const sampleNames = [name, ...(SUFFIXES[type] ?? []).map((suffix) => name + suffix)];
  return {
    name,
    type,
    help,
    unit,
    sampleNames,
    reservedNames: isOpenMetrics ? reservedNames(familyName, sampleNames, type) : sampleNames,
    header: isOpenMetrics ? openMetricsHeader(familyName, type, unit, help) : textHeader(name, type, help),
    value: sampleName(name),
    bucket: sampleName(`${name}_bucket`),
    sum: sampleName(`${name}_sum`),
    count: sampleName(`${name}_count`),
    created: sampleName(`${familyName}_created`),
    bounds: family.bounds,
    ends: renderEnds(family, format),
  };
}

const SUFFIXES: Readonly<Partial<Record<RenderedFamily['type'], readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};

function reservedNames(
  family: string,
  sampleNames: readonly string[],
  type: RenderedFamily['type'],
): readonly string[] {
  const hasStart = type !== 'gauge' && type !== 'unknown';
  return [...new Set([family, ...sampleNames, ...(hasStart ? [`${family}_created`] : [])])];
}

function textHeader(name: string, type: string, help: string): string {
  const quoted = isPlainName(name) ? name : quote(name);
  return `# HELP ${quoted} ${escapeText(help)}\n# TYPE ${quoted} ${type}\n`;
}

function openMetricsHeader(name: string, type: string, unit: string, help: string): string {
  const quoted = isPlainName(name) ? name : quote(name);
  const unitLine = unit !== '' && name.endsWith(`_${unit}`) ? `# UNIT ${quoted} ${unit}\n` : '';
  return `# TYPE ${quoted} ${type}\n${unitLine}# HELP ${quoted} ${escapeQuotable(help)}\n`;
}

/** All before the value of a sample with `labels`. */
export function startOf({ bare, open }: SampleName, labels: string): string {
  return labels === '' ? bare : `${open}${labels}} `;
}

function sampleName(name: string): SampleName {
  return isPlainName(name)
    ? { bare: `${name} `, open: `${name}{` }
    : { bare: `{${quote(name)}} `, open: `{${quote(name)},` };
}
