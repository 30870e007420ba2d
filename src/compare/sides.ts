// Which two are compared, and over which stretches of time, from when each was seen. Pure.
import { printable } from '../status/wording.js';
import { listed } from './listed.js';
import type { Appearance } from './prometheus/discover.js';
import { shownLength } from './times.js';
import { NothingYet, UnreadableData } from './unreadable.js';

/** A stretch of time; Unix times in seconds. */
export interface Stretch {
  readonly startS: number;
  readonly endS: number;
}

/** One side: the value of the label that it has, and when. */
export interface SideOfValue {
  readonly value: string;
  readonly time: Stretch;
}

/** The two sides. */
export interface Sides {
  readonly baseline: SideOfValue;
  readonly candidate: SideOfValue;
}

/** What was asked for. */
export interface SidesOptions {
  /** The label in words: `version`, or the label's name. */
  readonly what: string;
  readonly baseline: string | undefined;
  readonly candidate: string | undefined;
  /** The longest stretch that is compared, seconds. */
  readonly windowS: number;
  readonly lookbackS: number;
  readonly nowS: number;
  /** Time between two looks, seconds: long ago, and lately. */
  readonly stepS: number;
  readonly lateStepS: number;
  /** From when on the looks are close together, Unix time. */
  readonly lateFromS: number;
}

/** Both at the same time as long as the baseline is there for this share of the candidate's time. */
const CONCURRENT_SHARE = 0.5;

/** What counts: `1.10`, `v2.0.0-rc.1`, `20261121`; not a commit, whose letters have no order. */
const NUMBERED = /^v?\d+(?:\.\d+)*(?:[-+._].*)?$/i;

/** Chooses the sides. Throws UnreadableData where there are not two, or more than two to choose from. */
export function chooseSides(appearances: readonly Appearance[], options: SidesOptions): Sides {
  const [baseline, candidate] = choosePair(appearances, options);
  const { windowS, stepS, lateFromS } = options;
  const last = lastSeen(candidate, options);
  // Long ago, what is first seen came up to a step before.
  const first = firstOf(candidate);
  const came = first < lateFromS ? first - stepS : first;
  const time = { startS: Math.max(came, last - windowS), endS: last };
  const seen = candidate.seenS.filter((atS) => within(atS, time));
  const together = baseline.seenS.filter((atS) => within(atS, time));
  if (together.length >= seen.length * CONCURRENT_SHARE) {
    return { baseline: { value: baseline.value, time }, candidate: { value: candidate.value, time } };
  }
  const earlier = baseline.seenS.filter((atS) => atS <= time.startS).at(-1);
  const later = baseline.seenS.find((atS) => atS > time.startS) ?? time.startS;
  const itsTime =
    earlier === undefined
      ? { startS: later, endS: Math.min(later + windowS, lastSeen(baseline, options)) }
      : { startS: earlier - windowS, endS: earlier };
  return { baseline: { value: baseline.value, time: itsTime }, candidate: { value: candidate.value, time } };
}

function choosePair(appearances: readonly Appearance[], options: SidesOptions): [Appearance, Appearance] {
  const { baseline, candidate, what, lookbackS } = options;
  const named = (value: string) => {
    const found = appearances.find((appearance) => appearance.value === value);
    if (found !== undefined) return found;
    const others = appearances.length === 0 ? 'none was seen' : `seen: ${listed(appearances.map((of) => of.value))}`;
    throw new NothingYet(
      `${capital(what)} ${printable(value)} was not seen in the last ${shownLength(lookbackS)} (${others}).`,
    );
  };
  if (baseline !== undefined && candidate !== undefined) return [named(baseline), named(candidate)];
  if (baseline !== undefined) return [named(baseline), newest(others(appearances, baseline), baseline, options)];
  if (candidate !== undefined) {
    const chosen = named(candidate);
    return [mostRecentBefore(others(appearances, candidate), chosen, options), chosen];
  }
  const running = appearances.filter((appearance) => isRunning(appearance, options));
  const pair = appearances.length === 2 ? appearances : running;
  const [first, second] = [...pair].sort(byAge);
  if (first !== undefined && second !== undefined && pair.length === 2) {
    if (firstOf(first) < firstOf(second) || (NUMBERED.test(first.value) && NUMBERED.test(second.value))) {
      return [first, second];
    }
    throw new UnreadableData(
      `Both ${what}s, ${listed([first.value, second.value])}, were there at the beginning of the last ${shownLength(lookbackS)}, so nothing tells which came first: name --baseline and --candidate, or a longer --lookback.`,
    );
  }
  if (pair.length > 2) {
    throw new UnreadableData(
      `${pair.length} ${what}s run; choose two with --baseline and --candidate: ${listed(pair.map((of) => of.value))}.`,
    );
  }
  const [only] = running.length === 1 ? running : [...appearances].sort(byAge).slice(-1);
  if (only === undefined) throw new NothingYet(`No ${what} was seen in the last ${shownLength(lookbackS)}.`);
  return [mostRecentBefore(others(appearances, only.value), only, options), only];
}

function others(appearances: readonly Appearance[], value: string): Appearance[] {
  return appearances.filter((appearance) => appearance.value !== value);
}

function newest(from: readonly Appearance[], other: string, options: SidesOptions): Appearance {
  return [...from].sort(byAge).at(-1) ?? nothingBeside(other, options);
}

/** The one that was there last when `chosen` came; where all came later, the one that came first. */
function mostRecentBefore(from: readonly Appearance[], chosen: Appearance, options: SidesOptions): Appearance {
  const start = firstOf(chosen);
  const lastBefore = ({ seenS }: Appearance) => seenS.findLast((atS) => atS <= start) ?? -firstOf({ seenS });
  return [...from].sort((a, b) => lastBefore(b) - lastBefore(a))[0] ?? nothingBeside(chosen.value, options);
}

function nothingBeside(value: string, { what, lookbackS }: SidesOptions): never {
  throw new NothingYet(
    `Only ${what} ${printable(value)} was seen in the last ${shownLength(lookbackS)}, so there is nothing to compare it with; a longer --lookback sees more, and --before and --after or --offset compare times.`,
  );
}

// Those that were there from the first look on: by their numbers, as 1.9 and 1.10.
function byAge(a: Appearance, b: Appearance): number {
  return firstOf(a) - firstOf(b) || a.value.localeCompare(b.value, 'en', { numeric: true });
}

function firstOf({ seenS }: Pick<Appearance, 'seenS'>): number {
  return seenS[0] ?? 0;
}

function isRunning({ seenS }: Appearance, { nowS, lateStepS }: SidesOptions): boolean {
  return (seenS.at(-1) ?? 0) > nowS - 2 * lateStepS;
}

function lastSeen(appearance: Appearance, options: SidesOptions): number {
  return isRunning(appearance, options) ? options.nowS : (appearance.seenS.at(-1) ?? 0);
}

function within(atS: number, { startS, endS }: Stretch): boolean {
  return atS >= startS && atS <= endS;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
