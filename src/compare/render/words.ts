// Effects, levels and times of a comparison in words.
import { duration, figure, printable } from '../../status/wording.js';
import type { Collected, SideTime } from '../collected.js';
import type { Estimate, MetricResult, SideSummary, Verdict } from '../observations.js';
import { describeValue } from '../statistics/wording.js';
import { shownMoment } from '../times.js';

/** From here on `times` says more than `%`. */
const TIMES_FROM = 2;
/** Closer to 1 than this is the same. */
const SAME = 0.005;

/**
 * A ratio and its interval: `52 % more (41 % to 63 % more)`.
 *
 * @example
 * ```ts
 * describeRatio({ value: 0.97, low: 0.91, high: 1.04 }); // '3 % less (9 % less to 4 % more)'
 * ```
 */
export function describeRatio({ value, low, high }: Estimate): string {
  return `${ratioInWords(value)} (${rangeInWords(low, high)})`;
}

/** A ratio alone: `52 % more`, `3 times as much`, `the same`. */
export function ratioInWords(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'beyond measure';
  if (ratio >= TIMES_FROM) return `${figure(ratio)} times as much`;
  if (Math.abs(ratio - 1) < SAME) return 'the same';
  return `${share(ratio)} ${ratio > 1 ? 'more' : 'less'}`;
}

function rangeInWords(low: number, high: number): string {
  if (high >= TIMES_FROM) return `${figure(low)} to ${Number.isFinite(high) ? figure(high) : 'any number of'} times`;
  const [from, to] = [ratioInWords(low), ratioInWords(high)];
  if (from === to) return from;
  const alike = low > 1 + SAME ? ' more' : high < 1 - SAME ? ' less' : undefined;
  return alike === undefined ? `${from} to ${to}` : `${from.replace(alike, '')} to ${to}`;
}

function share(ratio: number): string {
  return `${figure(Math.abs(ratio - 1) * 100)} %`;
}

/** The level of one side of a metric; `–` where it is not known. */
export function level(value: number | undefined, unit: MetricResult['unit']): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return describeValue(value, unit);
}

/** A metric's name with its function. */
export function titleOf({ title, subject }: MetricResult): string {
  return subject === undefined || title.includes(subject)
    ? printable(title, 80)
    : `${printable(title)} of ${printable(subject, 40)}`;
}

/** What happened to a metric. */
export function changeOf({ ratio }: MetricResult): string {
  return ratio === undefined ? 'not known' : describeRatio(ratio);
}

/** The two, and where they are from: `1.5.0 compared with 1.4.2 in job checkout`. */
export function subjectOf({ baseline, candidate, job, label }: Collected): string {
  const by = label === undefined || label === 'service_version' ? '' : `${printable(label)} `;
  const where = job === undefined ? '' : ` in job ${job}`;
  return `${by}${printable(candidate.label)} compared with ${printable(baseline.label)}${where}`;
}

/** What one side has: instances, time and load. */
export function sideInWords(summary: SideSummary, time: SideTime, load: Collected['load']): string {
  const { instances, seconds, requests } = summary;
  const counted = load === 'nothing' ? '' : `, ${Math.round(requests).toLocaleString('en-US')} ${load}`;
  const total = seconds === 0 ? 'no time' : duration(seconds);
  return `${instances} ${instances === 1 ? 'instance' : 'instances'}, ${total} in all${counted}; from ${shownMoment(Math.round(time.startS))} to ${shownMoment(Math.round(time.endS))}`;
}

/** How the loads compare. */
export function loadInWords({ loadRatio, candidate, baseline }: Verdict, load: Collected['load']): string | undefined {
  if (loadRatio === undefined || load === 'nothing') return undefined;
  return `Load per instance, ${printable(candidate.label)} to ${printable(baseline.label)}: ${ratioInWords(loadRatio)}.`;
}
