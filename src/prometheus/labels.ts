// Attributes to the labels of one series, escaped for the Prometheus text format.
import { prometheusLabel } from './naming.js';

/** Pairs of attribute key and value. */
export type AttributePairs = readonly (readonly [key: string, value: string])[];

const NO_CONSTANTS: ReadonlyMap<string, string> = new Map();

/**
 * Renders attributes as `a="1",b="2"`, in order of label names. Values whose keys become one label are joined with `;`
 * in order of their keys, as the specification says. `constants` (by label name) give way to attributes, a label called
 * `reserved` becomes `exported_…`, and empty values are left out: to Prometheus they are the same as no label.
 *
 * @example
 * ```ts
 * renderLabels([['thread.name', 'main']]); // thread_name="main"
 * ```
 */
export function renderLabels(attributes: AttributePairs, constants = NO_CONSTANTS, reserved?: string): string {
  const labels = new Map<string, string>();
  for (const [key, value] of [...attributes].sort(byFirst)) {
    const sanitized = prometheusLabel(key);
    const label = sanitized === reserved ? `exported_${sanitized}` : sanitized;
    const earlier = labels.get(label);
    labels.set(label, earlier === undefined ? value : `${earlier};${value}`);
  }
  for (const [label, value] of constants) {
    if (!labels.has(label)) labels.set(label, value);
  }
  return [...labels]
    .filter(([, value]) => value !== '')
    .sort(byFirst)
    .map(([label, value]) => `${label}="${escapeLabelValue(value)}"`)
    .join(',');
}

/** Escapes the value of a label; lone surrogates, which UTF-8 cannot carry, become U+FFFD. */
export function escapeLabelValue(value: string): string {
  return escapeHelp(value).replaceAll('"', '\\"');
}

/** Escapes the text of a HELP line; lone surrogates become U+FFFD. */
export function escapeHelp(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n');
}

// By code units: localeCompare would make the order depend on the machine.
function byFirst([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
