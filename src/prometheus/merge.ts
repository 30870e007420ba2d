// Which families of several sources are shown together, and which not at all, because an exposition must not have them.
import type { LabelContext } from './label-context.js';
import type { NameRules, RenderedFamily } from './rendered.js';
import { asUnknown, renderFamily } from './rendered.js';
import type { FamilyDescription, SeriesDescription, SeriesTable } from './snapshot.js';

/** Something that could not be shown. */
export interface DroppedSeries {
  /** OpenTelemetry name of the metric. */
  readonly metric: string;
  /**
   * `name`: no Prometheus name; `conflict`: an earlier family has the name; `duplicate`: equal labels after sanitising;
   * `value`: OpenMetrics allows no such value; `comment`: only the description or unit, because an earlier family has
   * another one.
   */
  readonly reason: 'name' | 'conflict' | 'duplicate' | 'value' | 'comment';
  /** How many series are left out. */
  readonly series: number;
}

/** A family as one source has it, at the moment of the call: tables may get new snapshots before it is written. */
export interface Part {
  readonly rendered: RenderedFamily;
  readonly family: FamilyDescription;
  readonly series: readonly SeriesDescription[];
  readonly values: Float64Array;
  readonly labels: LabelContext;
  readonly table: SeriesTable;
}

/** A table, and how the labels of its series are rendered. */
export interface MergedSource {
  readonly table: SeriesTable;
  /** How labels are rendered, of families whose names are Prometheus' already or not. */
  readonly labelsOf: (family: FamilyDescription) => LabelContext;
}

/**
 * Puts families of one Prometheus name and type together, in the order of names. The first of families with one name and
 * several types wins, and every name of a sample has one owner: a gauge called `x_count` beside a histogram `x` would
 * give the same sample twice.
 */
export function mergeFamilies(
  sources: readonly MergedSource[],
  rules: NameRules,
  reserved: readonly string[],
  onDrop?: (dropped: DroppedSeries) => void,
): readonly (readonly Part[])[] {
  const merged = new Map<string, Part[]>();
  const taken = new Set(reserved);
  for (const { table, labelsOf } of sources) {
    for (const { family, list: series } of table.families.values()) {
      if (series.length === 0) continue;
      const drop = (reason: DroppedSeries['reason'], count = series.length) =>
        onDrop?.({ metric: family.name, reason, series: count });
      const rendered = renderFamily(family, rules);
      const parts = rendered === undefined ? undefined : merged.get(rendered.name);
      if (rendered === undefined) {
        drop('name');
        continue;
      }
      const part = {
        rendered,
        family,
        series,
        values: table.values,
        labels: labelsOf(family),
        table,
      };
      if (parts === undefined && !rendered.sampleNames.some((name) => taken.has(name))) {
        merged.set(rendered.name, [part]);
        for (const name of rendered.sampleNames) taken.add(name);
      } else if (parts?.[0] !== undefined && belongsTo(part, parts[0])) {
        if (rendered.help !== parts[0].rendered.help || rendered.unit !== parts[0].rendered.unit) drop('comment', 0);
        parts.push(part);
      } else {
        drop('conflict');
      }
    }
  }
  const shown = rules.format.kind === 'openmetrics' ? withoutClashes(merged, rules, reserved, onDrop) : merged;
  return [...shown].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parts]) => parts);
}

// Names that another library chose are its own: two things of one name that were not made for each other must not add up.
function belongsTo({ rendered, family }: Part, first: Part): boolean {
  return (
    rendered.type === first.rendered.type &&
    (family.isPrometheusName ?? false) === (first.family.isPrometheusName ?? false)
  );
}

// What fits together in the text format may clash in OpenMetrics, where a counter takes up its name without `_total` too.
function withoutClashes(
  merged: ReadonlyMap<string, readonly Part[]>,
  rules: NameRules,
  reserved: readonly string[],
  onDrop?: (dropped: DroppedSeries) => void,
): ReadonlyMap<string, readonly Part[]> {
  const shown = new Map<string, readonly Part[]>();
  const taken = new Set(reserved);
  for (const [name, parts] of merged) {
    const [first] = parts;
    if (first === undefined) continue;
    const asItIs = first.rendered;
    const isFree = (rendered: RenderedFamily) =>
      !rendered.reservedNames.some((reservedName) => taken.has(reservedName));
    const rendered = isFree(asItIs) || asItIs.type !== 'counter' ? asItIs : asUnknown(first.family, asItIs, rules);
    if (isFree(rendered)) {
      shown.set(name, rendered === asItIs ? parts : parts.map((part) => ({ ...part, rendered })));
      for (const reservedName of rendered.reservedNames) taken.add(reservedName);
    } else {
      for (const { family, series } of parts) {
        onDrop?.({ metric: family.name, reason: 'conflict', series: series.length });
      }
    }
  }
  return shown;
}
