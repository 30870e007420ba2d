// Figures and lists in sentences.
import type { Estimate, MetricResult } from '../observations.js';

/** A value with its unit: `3.42 ms`, `1.3 %`. */
export function describeValue(value: number, unit: MetricResult['unit']): string {
  if (unit === '1') return `${digits(value * 100)} %`;
  const size = Math.abs(value);
  if (size >= 1) return `${digits(value)} s`;
  return size >= 1e-3 || size === 0 ? `${digits(value * 1e3)} ms` : `${digits(value * 1e6)} µs`;
}

/** A ratio with its interval: `× 1.31 (1.18 to 1.45)`. */
export function describeRatio({ value, low, high }: Estimate): string {
  return `× ${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** A time: `4 minutes`, `2 hours`. */
export function describeTime(seconds: number): string {
  const [size, name] =
    seconds < 120 ? ([1, 'second'] as const) : seconds < 7200 ? ([60, 'minute'] as const) : ([3600, 'hour'] as const);
  return plural(Math.ceil(seconds / size), name);
}

/** `1 instance`, `2 instances`. */
export function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
