// Numbers as Prometheus spells them.

/** A sample's value, for example `0.5`, `NaN` or `+Inf`; as an integer, `-0` would lose its sign in some parsers. */
export function formatValue(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * A bucket's bound as Go's clients write it (`0.0025`, `10`, `1e+06`): `le` is compared as text, so that the series
 * of services in several languages only meet when it is spelled alike.
 */
export function formatBound(bound: number): string {
  if (!Number.isFinite(bound) || bound === 0) return formatValue(bound);
  const [digits = '', power = ''] = bound.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(bound);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A bucket's bound, or a quantile, as OpenMetrics wants it: visibly no integer (`10.0`). */
export function formatFloat(bound: number): string {
  const text = formatBound(bound);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Milliseconds since the Unix epoch as the seconds of OpenMetrics. */
export function formatUnixSeconds(unixMs: number): string {
  return String(Math.round(unixMs) / 1000);
}
