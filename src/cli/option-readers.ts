// Values of options, checked; what is wrong is one sentence.
import { parseDuration } from '../compare/times.js';
import { prometheusLabel } from '../prometheus/naming.js';
import { printable } from '../status/wording.js';
import { UsageError } from './command.js';

const HOUR_S = 3600;
const DAY_S = 86_400;

/** Seconds of a duration within bounds; undefined where none is given. Throws a UsageError. */
export function readDuration(name: string, given: string | undefined, from: number, to: number): number | undefined {
  if (given === undefined) return undefined;
  const seconds = given === '0' ? 0 : parseDuration(given.trim());
  if (seconds === undefined || seconds < from || seconds > to) {
    throw new UsageError(
      `Expected \`${name}\` to be a duration such as 90s, 1h30m or 1w from ${from}s to ${shownDuration(to)}, got "${printable(given)}"`,
    );
  }
  return seconds;
}

function shownDuration(seconds: number): string {
  return seconds % DAY_S === 0
    ? `${seconds / DAY_S}d`
    : seconds % HOUR_S === 0
      ? `${seconds / HOUR_S}h`
      : `${seconds}s`;
}

/** A ratio above 1; undefined where none is given. Throws a UsageError. */
export function readRatio(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const ratio = /^\d+(?:\.\d+)?$/.test(given.trim()) ? Number(given) : Number.NaN;
  if (!(ratio > 1 && ratio <= 100)) {
    throw new UsageError(`Expected \`${name}\` to be a number above 1 and at most 100, got "${printable(given)}"`);
  }
  return ratio;
}

/** A label, or an attribute, and its value, of `--match`. Throws a UsageError. */
export function readMatch(given: string): readonly [label: string, value: string] {
  // What PromQL would read as a pattern, `=~`, is none here, and would be looked for as it stands.
  const [, label, value] = /^([a-zA-Z_][a-zA-Z0-9_.]*)=([^~].*)$/s.exec(given) ?? [];
  if (label === undefined || value === undefined) {
    throw new UsageError(`Expected \`--match\` to be LABEL=VALUE, got "${printable(given)}"`);
  }
  return [prometheusLabel(label), value];
}

/** Throws a UsageError for the first of `names`, which does not go with `what`. */
export function refuse(what: string, names: readonly string[]): void {
  const [name] = names;
  if (name === undefined) return;
  const other = name.includes(' ') ? name : `\`--${name}\``;
  throw new UsageError(`${what.startsWith('--') ? `\`${what}\`` : what} and ${other} do not go together`);
}

/** What `read` returns; its TypeError as a UsageError. */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}
