// Names for Prometheus, after OpenTelemetry's "Prometheus and OpenMetrics Compatibility" specification.
import type { FamilyKind } from './snapshot.js';
import { TRANSLATIONS, type Translation } from './translation.js';

/** The types of families. */
export type PrometheusType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** What a Prometheus name is made of. */
export interface NamedMetric {
  readonly name: string;
  /** A UCUM unit; annotations in braces are left out of the name. */
  readonly unit: string;
  readonly kind: FamilyKind;
}

// UCUM's case-sensitive codes; "KBy" is no UCUM, but the Collector knows it.
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KBy: 'kilobytes',
  kBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  bit: 'bits',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
  '1': '',
};

const UNITS_AFTER_PER: Readonly<Record<string, string>> = {
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
  m: 'meter',
  By: 'byte',
  '1': '',
};

const DEFAULT_TRANSLATION = TRANSLATIONS.UnderscoreEscapingWithSuffixes;

/**
 * The Prometheus name of a metric, by default with unit and type suffixes; undefined when nothing of the name can be kept.
 *
 * @example
 * ```ts
 * prometheusName({ name: 'nodejs.eventloop.time', unit: 's', kind: 'counter' }); // nodejs_eventloop_time_seconds_total
 * ```
 */
export function prometheusName(
  metric: NamedMetric,
  { underscores, suffixes }: Translation = DEFAULT_TRANSLATION,
): string | undefined {
  const { name, kind } = metric;
  let result = underscores ? sanitize(name) : name;
  if (underscores ? !/[a-zA-Z0-9]/.test(result) : result === '') return undefined;
  if (!suffixes) return result;
  if (kind === 'counter') result = withoutSuffix(result, 'total');
  result = withSuffix(result, unitOf(metric));
  return kind === 'counter' ? withSuffix(result, 'total') : result;
}

/** The words for a metric's unit, as its name ends in them; empty where there are none. */
export function unitOf({ unit, kind }: Pick<NamedMetric, 'unit' | 'kind'>): string {
  return unit === '1' && kind === 'gauge' ? 'ratio' : prometheusUnit(unit);
}

/**
 * The Prometheus label of an attribute key; different keys can become one label.
 *
 * @example
 * ```ts
 * prometheusLabel('http.request.method'); // http_request_method
 * ```
 */
export function prometheusLabel(key: string): string {
  return sanitize(key);
}

/** The Prometheus type of an instrument's family. */
export function prometheusType(kind: FamilyKind): PrometheusType {
  return kind === 'updowncounter' ? 'gauge' : kind;
}

/**
 * The words for a UCUM unit that a name ends in; empty for counts and for units of dimension one.
 *
 * @example
 * ```ts
 * prometheusUnit('By/s'); // bytes_per_second
 * ```
 */
export function prometheusUnit(unit: string): string {
  const [main = '', ...denominators] = unit.replace(/\{[^{}]*\}/g, '').split('/');
  const per = denominators.map((part) => word(UNITS_AFTER_PER, part)).filter((part) => part !== '');
  return [word(UNITS, main), ...per.map((part) => `per_${part}`)].filter((part) => part !== '').join('_');
}

function word(words: Readonly<Record<string, string>>, code: string): string {
  const trimmed = code.trim();
  const known = Object.hasOwn(words, trimmed) ? words[trimmed] : undefined;
  return known ?? underscored(trimmed).replace(/^_|_$/g, '');
}

function sanitize(name: string): string {
  const result = underscored(name);
  return /^[a-zA-Z_]/.test(result) ? result : `_${result}`;
}

// The specification wants runs of underscores collapsed, which also keeps labels off Prometheus' reserved "__".
function underscored(name: string): string {
  return name.replace(/[^a-zA-Z0-9]+/g, '_');
}

function withSuffix(name: string, suffix: string): string {
  if (suffix === '' || name.endsWith(`_${suffix}`)) return name;
  return name.endsWith('_') ? name + suffix : `${name}_${suffix}`;
}

function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(`_${suffix}`) ? name.slice(0, -suffix.length - 1) : name;
}
