// The hours of a job, from a Prometheus.
import { NAMED_BOUNDS_S } from '../../grafana/rules/option-kinds.js';
import type { PrometheusClient } from '../compare/prometheus/client.js';
import { discover } from '../compare/prometheus/discover.js';
import { equals, gain, selector } from '../compare/prometheus/promql.js';
import { LATENCY_BOUNDS_S, METRICS } from '../metric-names.js';
import type { Hour } from './suggest.js';

/** What to collect. */
export interface HoursRequest {
  /** Undefined where there is one only. */
  readonly job: string | undefined;
  readonly match: readonly (readonly [label: string, value: string])[];
  /** How far back, seconds. */
  readonly lookbackS: number;
  /** Unix time, seconds. */
  readonly nowS: number;
}

/** What was collected. */
export interface CollectedHours {
  readonly job: string;
  readonly hours: readonly Hour[];
}

const HOUR_S = 3600;
const THREAD = 'main';
/** A job that had nothing for so long is no job to promise anything of. */
const RECENT_S = 7 * 24 * HOUR_S;

/** Collects whole hours. Rejects with UnreadableData where there is no job, or more than one. */
export async function collectHours(client: PrometheusClient, request: HoursRequest): Promise<CollectedHours> {
  const { job, match, lookbackS, nowS } = request;
  const endS = Math.floor(nowS / HOUR_S) * HOUR_S;
  const found = await discover(client, {
    job,
    match,
    thread: THREAD,
    by: undefined,
    values: [],
    lookbackS: Math.min(lookbackS, RECENT_S),
    windowS: HOUR_S,
    endS: nowS,
  });
  const lag = (suffix: '_bucket' | '_count') =>
    selector(found.set.nameOf(METRICS.eventLoopLag, suffix), [...found.matchers, equals('thread_name', THREAD)]);
  const range = { startS: endS - lookbackS + HOUR_S, endS, stepS: HOUR_S };
  const [buckets, counts] = await Promise.all([
    client.range(gain(['le'], lag('_bucket'), HOUR_S), range, LATENCY_BOUNDS_S.length + 1),
    client.range(gain([], lag('_count'), HOUR_S), range),
  ]);
  const byHour = new Map<number, Map<number, number>>();
  for (const { labels, values } of buckets) {
    // Prometheus 2 has "1", Prometheus 3 has "1.0".
    const boundS = Number(labels.get('le'));
    if (!NAMED_BOUNDS_S.includes(boundS)) continue;
    for (const [endMs, moments] of values) {
      const within = byHour.get(endMs) ?? new Map<number, number>();
      within.set(boundS, (within.get(boundS) ?? 0) + moments);
      byHour.set(endMs, within);
    }
  }
  const hours = [...(counts[0]?.values ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([endMs, moments]) => ({ endS: endMs / 1000, moments, within: byHour.get(endMs) ?? new Map() }));
  return { job: found.jobs[0] ?? '', hours };
}
