// How the labels of one source's series are rendered, and each series' labels, kept as long as it lives.
import type { Escaping } from './format.js';
import { type LabelRules, labelOf, renderLabels } from './labels.js';
import { prometheusLabel } from './naming.js';
import type { FamilyDescription, Scope, SeriesDescription } from './snapshot.js';

/** The labels of the series of one source. */
export interface LabelContext {
  /** Equal for contexts that render series alike. */
  readonly key: string;
  readonly rules: LabelRules;
  readonly scopeLabels: boolean;
}

interface RenderedLabels {
  readonly key: string;
  readonly labels: string;
}

/** What a source says about labels, and what is said about all of them. */
export interface LabelOptions {
  /** Win over attributes. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Give way to attributes. */
  readonly constantLabels?: Readonly<Record<string, string>> | undefined;
  readonly scopeLabels: boolean;
  /** Whether keys are translated. */
  readonly underscores: boolean;
  readonly escaping: Escaping;
}

const labelCache = new WeakMap<SeriesDescription, RenderedLabels>();

/** The labels of a series. */
export function renderSeries(series: SeriesDescription, { key, rules, scopeLabels }: LabelContext): string {
  const cached = labelCache.get(series);
  if (cached?.key === key) return cached.labels;
  const { scope } = series.family;
  const attributes =
    scopeLabels && scope !== undefined ? [...series.attributes, ...scopeAttributes(scope)] : series.attributes;
  const labels = renderLabels(attributes, { ...rules, reserved: reservedLabel(series.family) });
  labelCache.set(series, { key, labels });
  return labels;
}

/** Labels by their name in the exposition. */
export function labelMap(
  labels: Readonly<Record<string, string>> | undefined,
  rules: Pick<LabelRules, 'underscores' | 'escaping'>,
): ReadonlyMap<string, string> | undefined {
  if (labels === undefined) return undefined;
  return new Map(Object.entries(labels).map(([key, value]) => [labelOf(key, rules), value]));
}

/** Creates the contexts of a source, for families of ours and for those whose names are Prometheus' already. */
export function labelContexts(options: LabelOptions): (family: FamilyDescription) => LabelContext {
  const { labels, constantLabels, scopeLabels, underscores, escaping } = options;
  // Where only letters, digits and underscores are left, but one of the schemes has nothing to do.
  const own = underscores && escaping !== 'dots' ? 'underscores' : escaping;
  const rules = { underscores, escaping: own };
  const constants = labelMap(constantLabels, rules);
  const ours = labelContext({ ...rules, constants, overrides: labelMap(labels, rules) }, scopeLabels);
  const theirs = labelContext({ underscores: false, escaping, overrides: labelMap(labels, { escaping }) }, false);
  return ({ isPrometheusName }) => (isPrometheusName ? theirs : ours);
}

function labelContext(rules: LabelRules, scopeLabels: boolean): LabelContext {
  const { underscores, escaping, constants = [], overrides = [] } = rules;
  return {
    key: sameString(JSON.stringify([underscores, escaping, [...constants], [...overrides], scopeLabels])),
    rules,
    scopeLabels,
  };
}

// Each series is asked for its key at each scrape: where equal keys are one string, no characters are compared.
const keys = new Map<string, string>();
const MAX_KEYS = 1000;

function sameString(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(key, key);
  return key;
}

function reservedLabel({ kind }: FamilyDescription): string | undefined {
  return kind === 'histogram' ? 'le' : kind === 'summary' ? 'quantile' : undefined;
}

const SCOPE_LABELS = new Set(['otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

function scopeAttributes(scope: Scope): [string, string][] {
  const { name, version = '', schemaUrl = '', attributes = [] } = scope;
  const own = attributes
    .map(([key, value]): [string, string] => [`otel_scope_${key}`, value])
    .filter(([key]) => !SCOPE_LABELS.has(prometheusLabel(key)));
  return [['otel_scope_name', name], ['otel_scope_version', version], ['otel_scope_schema_url', schemaUrl], ...own];
}
