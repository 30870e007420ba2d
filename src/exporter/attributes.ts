// Attributes of any value to pairs of strings.
import type { SdkAttributes } from './sdk-metrics.js';

/** Pairs of attribute key and value, in order of their keys. */
export type AttributePairs = readonly (readonly [key: string, value: string])[];

/**
 * Strings stay what they are; everything else becomes JSON, as OpenTelemetry's specification of attributes has it.
 * Values that are null or undefined are left out.
 *
 * @example
 * ```ts
 * pairsOf({ ok: true, tags: ['a', 'b'] }); // [['ok', 'true'], ['tags', '["a","b"]']]
 * ```
 */
export function pairsOf(attributes: SdkAttributes): AttributePairs {
  const pairs: [string, string][] = [];
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    if (value !== undefined && value !== null) pairs.push([key, textOf(value)]);
  }
  return pairs;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // JSON knows no NaN and no infinities, and no big integers.
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return 'a value that cannot be shown';
  }
}
