// Figures and lists in sentences.
import { duration, figure } from '../../status/wording.js';
import type { Estimate, MetricResult } from '../observations.js';

/** A value with its unit: `3.42 ms`, `0.35 %`. */
export function describeValue(value: number, unit: MetricResult['unit']): string {
  return unit === 's' ? duration(value) : `${figure(value * 100)} %`;
}

/** A ratio with its interval: `× 1.31 (1.18 to 1.45)`. */
export function describeFactor({ value, low, high }: Estimate): string {
  return `× ${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
