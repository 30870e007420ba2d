// The service level of a job: the share of moments whose lag stays within a bound, over every window that alerts look at.
import { METRICS } from '../../src/metric-names.js';
import { DAY_S, HOUR_S, MINUTE_S, renderDuration } from './durations.js';
import { type Expressions, MAIN } from './promql.js';
import type { RecordingRule } from './rule.js';

/** Windows of the multi-window burn rates, in seconds; the first is that of the two records that the others are made of. */
const WINDOWS_S = [5 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, DAY_S, 3 * DAY_S] as const;

const SLOW = 'job:loopsight_eventloop_lag_slow:rate5m';
const MOMENTS = 'job:loopsight_eventloop_lag_moments:rate5m';

/** The record of the share of slow moments over a window. */
export function slowShare(windowS: number): string {
  return `job:loopsight_eventloop_lag_slow:ratio_rate${renderDuration(windowS)}`;
}

/** Records of the service level; none where none is asked for. */
export function serviceLevelRules(e: Expressions): readonly RecordingRule[] {
  const { sloObjective, sloBoundS } = e.options;
  if (sloObjective === undefined) return [];
  const [shortestS, ...longerS] = WINDOWS_S;
  const rate = (suffix: '_bucket' | '_count', matchers: readonly string[]) =>
    e.by('sum', [], e.over('rate', METRICS.eventLoopLag, shortestS, { matchers: [MAIN, ...matchers], suffix }));
  const jobs = e.by('group', [], e.series(METRICS.eventLoopLag, { matchers: [MAIN], suffix: '_count' }));
  return [
    { record: MOMENTS, expr: rate('_count', []) },
    // The bound is one that Prometheus 2 and 3 write alike.
    { record: SLOW, expr: `clamp_min(${MOMENTS} - on (${e.labels()}) ${rate('_bucket', [`le="${sloBoundS}"`])}, 0)` },
    { record: slowShare(shortestS), expr: `${e.record(SLOW)} / (${e.record(MOMENTS)} > 0)` },
    ...longerS.map((windowS) => {
      const over = (record: string) => `sum_over_time(${e.record(record)}[${e.duration(windowS)}])`;
      return { record: slowShare(windowS), expr: `${over(SLOW)} / (${over(MOMENTS)} > 0)` };
    }),
    { record: 'job:loopsight_slo_objective:ratio', expr: `${jobs} * ${sloObjective}` },
    { record: 'job:loopsight_slo_bound_seconds:info', expr: `${jobs} * ${sloBoundS}` },
  ];
}
