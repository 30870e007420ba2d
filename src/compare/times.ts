// Durations and moments as people write them.
import { counted, duration, printable } from '../status/wording.js';

const UNITS_S: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION = /^(?:\d+(?:\.\d+)?[smhdw])+$/;
/** Unix times before the year 2001 are durations that lack a unit. */
const FIRST_UNIX_S = 1e9;
const LAST_UNIX_S = 1e10;

/**
 * Seconds of a duration such as `90s`, `1h30m`, `2d` or `1w`; undefined where it is none.
 *
 * @example
 * ```ts
 * parseDuration('1h30m'); // 5400
 * ```
 */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([smhdw])/g)];
  return parts.reduce((total, [, number = '', unit = '']) => total + Number(number) * (UNITS_S[unit] ?? 0), 0);
}

/**
 * Unix time in seconds of `now`, of RFC 3339, of a Unix time, or of a duration before `nowS`. Throws a TypeError that
 * quotes `name` and what was given.
 *
 * @example
 * ```ts
 * parseMoment('2026-11-21T10:00:00Z', 'at', 0); // 1795255200
 * ```
 */
export function parseMoment(text: string, name: string, nowS: number): number {
  const given = text.trim();
  if (given === 'now') return nowS;
  const ago = parseDuration(given);
  if (ago !== undefined) return nowS - ago;
  if (/^\d+(?:\.\d+)?$/.test(given)) {
    const unixS = Number(given);
    if (unixS >= FIRST_UNIX_S && unixS < LAST_UNIX_S) return unixS;
  }
  const withZone = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(given);
  const unixMs = withZone ? Date.parse(given.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(unixMs)) {
    throw new TypeError(
      `Expected \`${name}\` to be a time such as 2026-11-21T10:00:00Z, a Unix time in seconds or a time ago such as 2h, got "${printable(text)}"`,
    );
  }
  return unixMs / 1000;
}

/** A moment for people, in UTC: `2026-11-21 10:00:00Z`. */
export function shownMoment(unixS: number): string {
  const date = new Date(unixS * 1000);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace('T', ' ').replace('.000', '');
}

/** A length of time that somebody chose: `1 hour`, `7 days`; others as `duration` shows them. */
export function shownLength(seconds: number): string {
  for (const [size, name] of [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return counted(seconds / size, name);
  }
  return duration(seconds);
}
