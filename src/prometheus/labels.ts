// Attributes to the labels of one series.
import { escapeName, escapeQuotable, isPlainLabel, quote, wellFormed } from './escaping.js';
import type { Escaping } from './format.js';
import { prometheusLabel } from './naming.js';

/** Pairs of attribute key and value. */
export type AttributePairs = readonly (readonly [key: string, value: string])[];

/** What labels depend on beside the attributes. */
export interface LabelRules {
  /** Whether keys are translated; else they stay what they are. @default true */
  readonly underscores?: boolean;
  /** @default 'underscores' */
  readonly escaping?: Escaping;
  /** By label name; they give way to attributes. */
  readonly constants?: ReadonlyMap<string, string> | undefined;
  /** By label name; attributes give way to them. */
  readonly overrides?: ReadonlyMap<string, string> | undefined;
  /** A label of the format's own; an attribute of that name becomes `exported_…`. */
  readonly reserved?: string | undefined;
}

/**
 * Renders attributes as `a="1",b="2"`, in order of label names. Values whose keys become one label are joined with `;`
 * in order of their keys, as the specification says, and empty values are left out: to Prometheus they are the same as no
 * label.
 *
 * @example
 * ```ts
 * renderLabels([['thread.name', 'main']]); // thread_name="main"
 * ```
 */
export function renderLabels(attributes: AttributePairs, rules: LabelRules = {}): string {
  const { constants, overrides, reserved } = rules;
  const labels = new Map<string, string>();
  for (const [key, value] of [...attributes].sort(byFirst)) {
    const label = labelOf(key, rules);
    const earlier = labels.get(label);
    labels.set(label, earlier === undefined ? value : `${earlier};${value}`);
  }
  for (const [name, value] of constants ?? []) {
    const label = unreserved(name, reserved);
    if (!labels.has(label)) labels.set(label, value);
  }
  for (const [name, value] of overrides ?? []) labels.set(unreserved(name, reserved), value);
  return [...labels]
    .filter(([, value]) => value !== '')
    .sort(byFirst)
    .map(([label, value]) => `${isPlainLabel(label) ? label : quote(label)}="${escapeQuotable(value)}"`)
    .join(',');
}

/**
 * The label that a key becomes. What Prometheus would not take for a label of ours is never written: the empty name,
 * `__name__` and its kind.
 */
export function labelOf(key: string, { underscores = true, escaping = 'underscores', reserved }: LabelRules): string {
  const label = underscores || key === '' || key.startsWith('__') ? prometheusLabel(key) : wellFormed(key);
  // A colon is for names of metrics alone.
  const plain = escapeName(escaping === 'allow-utf-8' ? label : label.replaceAll(':', '_'), escaping);
  return unreserved(plain.replace(/^__+/, '_'), reserved);
}

function unreserved(label: string, reserved: string | undefined): string {
  return label === reserved ? `exported_${label}` : label;
}

// By code units: localeCompare would make the order depend on the machine.
function byFirst([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
