// What never changes about a family or a series: its lines up to the values, rendered once and kept as long as it lives.
import { escapeHelp, renderLabels } from './labels.js';
import { type PrometheusType, prometheusLabel, prometheusName, prometheusType } from './naming.js';
import { formatBound } from './numbers.js';
import type { FamilyDescription, SeriesDescription } from './snapshot.js';

/** What the labels of series depend on beside their attributes. */
export interface LabelContext {
  /** Equal for calls that render series alike. */
  readonly key: string;
  readonly constants: ReadonlyMap<string, string>;
  readonly scopeLabels: boolean;
}

/** A family under its Prometheus name. */
export interface RenderedFamily {
  readonly name: string;
  readonly type: PrometheusType;
  readonly header: string;
  /** The names that its samples have. */
  readonly sampleNames: readonly string[];
  readonly bounds: readonly number[] | undefined;
  /** What follows the labels in the line of each bucket. */
  readonly bucketEnds: readonly string[];
}

/** A series up to its values. */
export interface RenderedSeries {
  readonly contextKey: string;
  /** The sample up to its value; of a histogram's buckets, up to `le`. */
  readonly start: string;
  readonly sumStart: string;
  readonly countStart: string;
  readonly bucketEnds: readonly string[];
}

const families = new WeakMap<FamilyDescription, RenderedFamily>();
const seriesCache = new WeakMap<SeriesDescription, RenderedSeries>();

/** Creates the context for constant labels (by label name) with or without labels of the instrumentation scope. */
export function createLabelContext(
  constantLabels: Readonly<Record<string, string>>,
  scopeLabels: boolean,
): LabelContext {
  const constants = new Map(Object.entries(constantLabels).map(([key, value]) => [prometheusLabel(key), value]));
  return { key: JSON.stringify([scopeLabels, ...constants]), constants, scopeLabels };
}

/** The rendered family; undefined when it has no Prometheus name. */
export function renderFamily(family: FamilyDescription): RenderedFamily | undefined {
  let rendered = families.get(family);
  const name = rendered?.name ?? prometheusName(family);
  if (rendered !== undefined || name === undefined) return rendered;
  const type = prometheusType(family.kind);
  const help = family.description.trim() === '' ? 'description missing' : escapeHelp(family.description);
  rendered = {
    name,
    type,
    header: `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`,
    sampleNames: type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    bounds: family.bounds,
    bucketEnds: type === 'histogram' ? renderBucketEnds(family.bounds) : [],
  };
  families.set(family, rendered);
  return rendered;
}

/** The rendered series of `family`. */
export function renderSeries(series: SeriesDescription, family: RenderedFamily, context: LabelContext): RenderedSeries {
  const cached = seriesCache.get(series);
  if (cached?.contextKey === context.key) return cached;
  const isHistogram = family.type === 'histogram';
  const { scope, bounds } = series.family;
  const attributes = [...series.attributes];
  if (context.scopeLabels && scope !== undefined) {
    attributes.push(['otel_scope_name', scope.name], ['otel_scope_version', scope.version ?? '']);
  }
  const labels = renderLabels(attributes, context.constants, isHistogram ? 'le' : undefined);
  const braces = labels === '' ? ' ' : `{${labels}} `;
  const rendered: RenderedSeries = {
    contextKey: context.key,
    start: flat(isHistogram ? [family.name, '_bucket{', labels, labels === '' ? '' : ','] : [family.name, braces]),
    sumStart: isHistogram ? flat([family.name, '_sum', braces]) : '',
    countStart: isHistogram ? flat([family.name, '_count', braces]) : '',
    // Its own bounds say where its values lie; they are the family's, but for views that change between snapshots.
    bucketEnds: isHistogram && !areEqual(bounds, family.bounds) ? renderBucketEnds(bounds) : family.bucketEnds,
  };
  seriesCache.set(series, rendered);
  return rendered;
}

function renderBucketEnds(bounds: readonly number[] = []): readonly string[] {
  return [...bounds, Infinity].map((bound) => `le="${formatBound(bound)}"} `);
}

// V8 concatenates lazily and join does not: what is kept and copied at every scrape had better be in one piece.
function flat(pieces: readonly string[]): string {
  return pieces.join('');
}

function areEqual(a: readonly number[] = [], b: readonly number[] = []): boolean {
  return a === b || (a.length === b.length && a.every((bound, index) => bound === b[index]));
}
