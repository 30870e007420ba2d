// The PromQL of collecting.

/** A matcher, `label="value"` with what it needs of escapes. */
export function equals(label: string, value: string): string {
  return `${label}=${quoted(value)}`;
}

/** A matcher for any of `values`, none of which is read as a pattern. */
export function anyOf(label: string, values: readonly string[]): string {
  const escaped = values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `${label}=~${quoted(escaped.join('|'))}`;
}

/** `name{matchers}`. */
export function selector(name: string, matchers: readonly string[]): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
}

/** What counters gained, resets left out, added up by `labels`. */
export function gain(labels: readonly string[], of: string, seconds: number): string {
  return `sum by (${labels.join(', ')}) (increase(${of}[${promqlDuration(seconds)}]))`;
}

/** A duration as PromQL reads it, in milliseconds where it has to be. */
export function promqlDuration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

// Go's escapes are those of JSON as far as JSON.stringify writes them.
function quoted(text: string): string {
  return JSON.stringify(text);
}
