// Durations as Prometheus and Alertmanager write them.

/** A minute, an hour, a day, in seconds. */
export const MINUTE_S = 60;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

const UNITS = [
  ['d', DAY_S * 1000],
  ['h', HOUR_S * 1000],
  ['m', MINUTE_S * 1000],
  ['s', 1000],
  ['ms', 1],
] as const;

/**
 * `seconds` in the largest unit that leaves nothing over; at least a millisecond.
 *
 * @example
 * renderDuration(300); // 5m
 */
export function renderDuration(seconds: number): string {
  const ms = Math.max(1, Math.round(seconds * 1000));
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0) ?? UNITS[4];
  return `${ms / size}${unit}`;
}
