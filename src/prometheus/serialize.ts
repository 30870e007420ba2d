// Tables of series to one exposition, in chunks; pure but for the caches in rendered.ts.
import { DEFAULT_FORMAT, type Format } from './format.js';
import { labelContexts, labelMap } from './label-context.js';
import { type DroppedSeries, mergeFamilies, type Part } from './merge.js';
import { prepareFamily } from './prepared.js';
import { writeSeries } from './samples.js';
import type { SeriesTable } from './snapshot.js';
import { renderTargetInfo } from './target-info.js';
import { DEFAULT_STRATEGY, TRANSLATIONS, type TranslationStrategy } from './translation.js';

type Attributes = Readonly<Record<string, string>>;

/** Series of one origin. */
export interface Source {
  readonly table: SeriesTable;
  /** Labels of each of its series, such as `process`; they win over attributes. */
  readonly labels?: Attributes | undefined;
  /** Labels of each of its series but those of other libraries; attributes win over them. @default the options' */
  readonly constantLabels?: Attributes | undefined;
  /** Attributes that a `target_info` of its own shows, beside `labels`. */
  readonly resource?: Attributes | undefined;
}

export interface SerializeOptions {
  /** @default DEFAULT_FORMAT */
  readonly format?: Format | undefined;
  /** @default 'UnderscoreEscapingWithSuffixes' */
  readonly strategy?: TranslationStrategy | undefined;
  /** Labels of every series but `target_info`; their keys become labels as those of attributes do, which win over them. */
  readonly constantLabels?: Attributes | undefined;
  /** Attributes that `target_info` shows; it is left out when there are none. */
  readonly resource?: Attributes | undefined;
  /** Whether series carry `otel_scope_name`, `_version`, `_schema_url` and the scope's attributes. @default false */
  readonly scopeLabels?: boolean | undefined;
  /** Whether OpenMetrics tells when counters, histograms and summaries began. @default true */
  readonly created?: boolean | undefined;
  /** Told, at every call, what is left out because it would make the exposition invalid. */
  readonly onDrop?: ((dropped: DroppedSeries) => void) | undefined;
}

/** A chunk is handed on when it has this many characters. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Serialises the present values of `sources`: families merged by Prometheus name and sorted by it, series in the order of
 * sources and of first appearance. What the tables hold is read at the call; snapshots that are applied while the chunks
 * are taken do not show, but for exemplars, which tell their time themselves.
 *
 * @example
 * ```ts
 * const chunks = [...serialize([{ table }], { constantLabels: { service_version: '1.2.0' } })];
 * ```
 */
export function serialize(sources: readonly Source[], options: SerializeOptions = {}): Generator<string> {
  const { format = DEFAULT_FORMAT, strategy = DEFAULT_STRATEGY, created = true, onDrop } = options;
  const { scopeLabels = false, resource } = options;
  const { escaping } = format;
  const translation = TRANSLATIONS[strategy];
  const { underscores } = translation;
  const targets = [{ resource, labels: undefined }, ...sources].map((origin) => ({
    resource: origin.resource,
    labels: labelMap(origin.labels, { underscores, escaping }),
  }));
  const target = renderTargetInfo(targets, { underscores, escaping }, format);
  const rules = { scopeLabels, underscores, escaping };
  const merged = sources.map(({ table, labels, constantLabels = options.constantLabels }) => ({
    table,
    labelsOf: labelContexts({ labels, constantLabels, ...rules }),
  }));
  const reserved = target === '' ? [] : TARGET_NAMES[format.kind];
  const families = mergeFamilies(merged, { format, translation }, reserved, onDrop);
  return chunksOf(target, families, { format, created, onDrop });
}

const TARGET_NAMES = { text: ['target_info'], openmetrics: ['target', 'target_info'] } as const;

interface WritingOptions {
  readonly format: Format;
  readonly created: boolean;
  readonly onDrop: ((dropped: DroppedSeries) => void) | undefined;
}

/** Text that grows until it is handed on. */
class Chunk {
  #pieces: string[] = [];
  #characters = 0;
  get isFull(): boolean {
    return this.#characters >= CHUNK_CHARACTERS;
  }
  get isEmpty(): boolean {
    return this.#characters === 0;
  }
  add(text: string): void {
    this.#pieces.push(text);
    this.#characters += text.length;
  }
  take(): string {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#characters = 0;
    return text;
  }
}

function* chunksOf(target: string, families: readonly (readonly Part[])[], options: WritingOptions): Generator<string> {
  const chunk = new Chunk();
  chunk.add(target);
  for (const parts of families) yield* fillWithFamily(chunk, parts, options);
  if (options.format.kind === 'openmetrics') chunk.add('# EOF\n');
  if (!chunk.isEmpty) yield chunk.take();
}

/** Yields a chunk whenever it is full. */
function* fillWithFamily(
  chunk: Chunk,
  parts: readonly Part[],
  { format, created, onDrop }: WritingOptions,
): Generator<string> {
  let isFirst = true;
  // Only what could be there twice has to be looked for.
  const shown = new Set<string>();
  for (const { rendered, family, series: list, values, labels: context, table } of parts) {
    const hasCreated = created && format.kind === 'openmetrics';
    const { series, areDistinct } = prepareFamily(list, { rendered, labels: context, hasCreated });
    const isUnique = areDistinct && parts.length === 1;
    const write = writeSeries(rendered, { format, values, table });
    const left = { duplicate: 0, value: 0 };
    for (const one of series) {
      const lines = write(one);
      if (lines === undefined) continue;
      if (lines === '') left.value++;
      else if (!isUnique && shown.has(one.labels)) left.duplicate++;
      else {
        if (isFirst) chunk.add(parts[0]?.rendered.header ?? '');
        isFirst = false;
        if (!isUnique) shown.add(one.labels);
        chunk.add(lines);
        if (chunk.isFull) yield chunk.take();
      }
    }
    for (const reason of ['duplicate', 'value'] as const) {
      if (left[reason] > 0) onDrop?.({ metric: family.name, reason, series: left[reason] });
    }
  }
}
