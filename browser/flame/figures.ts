// Times and shares as the graph writes them.

/** Microseconds as `1.24 s`, `12.4 ms`, `310 µs`. */
export function timeText(us: number): string {
  if (us >= 1e6) return `${digits(us / 1e6)} s`;
  if (us >= 1e3) return `${digits(us / 1e3)} ms`;
  return `${Math.round(us)} µs`;
}

/** A share of 1 as `12.3 %`. */
export function shareText(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return '< 0.01 %';
  return `${value >= 1 || value === 0 ? value.toFixed(1) : value.toFixed(2)} %`;
}

/** A change of shares as `+1.2 points`. */
export function changeText(change: number): string {
  const points = (change * 100).toFixed(Math.abs(change) < 0.01 ? 2 : 1);
  return `${change > 0 ? '+' : ''}${points.replace('-', '−')} points`;
}

const digits = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toPrecision(3));
