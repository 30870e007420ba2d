// What has to be known before blocks are collected: what counts the load, which functions matter, how often is scraped.
import { METRICS } from '../../metric-names.js';
import type { Stretch } from '../sides.js';
import { groupBy, largestOf, quantileOf } from '../statistics/summary.js';
import type { PrometheusClient } from './client.js';
import { FUNCTION_LABEL, INSTANCE_LABELS, PLACE_LABELS } from './collect.js';
import type { Discovery } from './discover.js';
import { type Load, loadSelector } from './load.js';
import type { Series } from './matrix.js';
import { anyOf, equals, gain, promqlDuration, selector } from './promql.js';

/** What counts the load of a job in any of the stretches: the first that counted anything. Rejects with UnreadableData. */
export async function findLoad(
  client: PrometheusClient,
  discovery: Discovery,
  stretches: readonly Stretch[],
): Promise<Load> {
  for (const load of ['requests', 'calls', 'tasks'] as const) {
    const series = loadSelector(load, discovery);
    if (series === undefined) continue;
    const found = await Promise.all(stretches.map((stretch) => gainOver(client, series, [], stretch)));
    if (found.flat().some(({ values }) => [...values.values()].some((value) => value > 0))) return load;
  }
  return 'nothing';
}

/** The functions with the most time in any of the stretches. Rejects with UnreadableData. */
export async function findFunctions(
  client: PrometheusClient,
  { set, matchers }: Discovery,
  stretches: readonly Stretch[],
  limit: number,
): Promise<readonly string[]> {
  const sums = selector(set.nameOf(METRICS.functionDuration, '_sum'), matchers);
  const found = await Promise.all(stretches.map((stretch) => gainOver(client, sums, [FUNCTION_LABEL], stretch)));
  const times = new Map<string, number>();
  for (const { labels, values } of found.flat()) {
    const name = labels.get(FUNCTION_LABEL) ?? '';
    times.set(name, Math.max(times.get(name) ?? 0, ...values.values()));
  }
  return [...times]
    .filter(([name, time]) => name !== '' && time > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([name]) => name);
}

/** Where the instances are, in words, if they are in several places. Rejects with UnreadableData. */
export async function findPlaces(
  client: PrometheusClient,
  { set, matchers }: Discovery,
  stretches: readonly Stretch[],
): Promise<readonly string[]> {
  const counts = selector(set.nameOf(METRICS.eventLoopLag, '_count'), matchers);
  const found = await Promise.all(stretches.map((stretch) => gainOver(client, counts, PLACE_LABELS, stretch)));
  const places = found.flat().map(({ labels }) =>
    PLACE_LABELS.filter((label) => (labels.get(label) ?? '') !== '')
      .map((label) => `${label} ${labels.get(label)}`)
      .join(' '),
  );
  const distinct = [...new Set(places)].filter((place) => place !== '').sort();
  return distinct.length > 1 ? distinct : [];
}

const TYPICAL_SCRAPES = 20;
const DEFAULT_INTERVAL_S = 15;
const MOMENTS = 6;

/** What tells the sides apart; the values alone are looked at where the label is on every series. */
export interface Distinguished {
  readonly by: string | undefined;
  readonly values: readonly string[];
}

/**
 * The time between two scrapes, seconds, as the series tell: what half of a side's instances have, of the side with fewer
 * scrapes. Rejects with UnreadableData.
 */
export async function findInterval(
  client: PrometheusClient,
  { set, matchers, labelOn, loops }: Discovery,
  thread: string,
  stretches: readonly Stretch[],
  { by, values }: Distinguished,
): Promise<number> {
  const side = by !== undefined && labelOn === 'series' ? by : undefined;
  const of = selector(set.nameOf(METRICS.eventLoopLag, '_count'), [
    ...matchers,
    equals('thread_name', thread),
    ...(side === undefined ? [] : [anyOf(side, values)]),
  ]);
  const labels = [...new Set([...INSTANCE_LABELS, ...(side === undefined ? [] : [side])])];
  const intervals = await Promise.all(
    stretches.map(async ({ startS, endS }) => {
      const spanS = Math.max(1, Math.min(Math.floor(endS - startS), DEFAULT_INTERVAL_S * TYPICAL_SCRAPES));
      // At several moments: at the last one scrapes may be missing.
      const range = { startS: Math.min(endS, Math.max(startS + spanS, endS - MOMENTS * spanS)), endS, stepS: spanS };
      const query = `max by (${labels.join(', ')}) (count_over_time(${of}[${promqlDuration(spanS)}]))`;
      const found = await client.range(query, range, loops);
      return [...groupBy(found, (series) => (side === undefined ? '' : series.labels.get(side)))]
        .filter(([value]) => side === undefined || values.includes(value ?? ''))
        .map(([, own]) =>
          quantileOf(
            own.map((series) => largestOf(series.values.values())),
            0.5,
          ),
        )
        .map((scrapes) => (scrapes < 2 ? DEFAULT_INTERVAL_S : spanS / scrapes));
    }),
  );
  const longest = largestOf(intervals.flat());
  return longest > 0 ? longest : DEFAULT_INTERVAL_S;
}

/** Whatever is longer has more samples than one query may load; the last of it tells as well. */
const LONGEST_GAIN_S = 6 * 3600;

function gainOver(
  client: PrometheusClient,
  series: string,
  labels: readonly string[],
  { startS, endS }: Stretch,
): Promise<readonly Series[]> {
  const seconds = Math.max(1, Math.min(LONGEST_GAIN_S, Math.round(endS - startS)));
  return client.range(gain(labels, series, seconds), { startS: endS, endS, stepS: 1 });
}
