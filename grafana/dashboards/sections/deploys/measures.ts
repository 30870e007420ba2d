// What a version is judged by: figures that do not move with the number of instances, and hardly with the load.
import { METRICS } from '../../../../src/metric-names.js';
import { LAG_P99_S } from '../../../../src/status/thresholds.js';
import { grown } from '../../growth.js';
import { LABELS } from '../../labels.js';
import { aggregate, type Queries, type RangeFunction, type Selection } from '../../queries.js';

/** A figure of the chosen versions, by labels. */
export type Measure = (queries: Queries, by: readonly string[], selection?: Selection) => string;

const RANGE = '$__range';
const ACTIVE = `${LABELS.loopState}="active"`;
const PARTS_OF_TIME = `${LABELS.loopState}=~"active|idle"`;
const MAIN = `${LABELS.thread}="main"`;

/** Seconds in which main loops were active, for each request. */
export const activePerRequest: Measure = (queries, by, selection) =>
  `${growth(queries, METRICS.eventLoopTime, by, { matchers: [ACTIVE, MAIN], ...selection })} / ${requests(queries, by, selection)}`;

/** Requests a second on each main loop. */
export const requestsPerLoop: Measure = (queries, by, selection) =>
  `${requests(queries, by, selection)} / ${loopTime(queries, by, selection)}`;

/** Seconds of garbage collection on main threads, for each request. */
export const gcPerRequest: Measure = (queries, by, selection) =>
  `${growth(queries, METRICS.gcDuration, by, { matchers: [MAIN], suffix: '_sum', ...selection })} / ${requests(queries, by, selection)}`;

/** Share of moments at which an arrival waits longer than 100 ms. */
export const slowMoments: Measure = (queries, by, selection) => {
  const all = growth(queries, METRICS.eventLoopLag, by, { matchers: [MAIN], suffix: '_count', ...selection });
  const within = [MAIN, `le="${LAG_P99_S}"`];
  const fast = growth(queries, METRICS.eventLoopLag, by, { matchers: within, suffix: '_bucket', ...selection });
  return `1 - ${fast} / ${all}`;
};

/** Share of the time that main loops spend in stalls; a version that never stalled has no such series. */
export const stalledShare: Measure = (queries, by, selection) => {
  const time = loopTime(queries, by, selection);
  const stalled =
    selection === undefined
      ? grown(queries, METRICS.stallTime, by, { matchers: [MAIN] })
      : growth(queries, METRICS.stallTime, by, { matchers: [MAIN], ...selection });
  return `(${stalled} or ${time} * 0) / ${time}`;
};

/** 99th percentile of what an arrival waits for a main loop. */
export const lagP99: Measure = (queries, by, selection) =>
  queries.quantileOver(0.99, METRICS.eventLoopLag, by, { range: RANGE, matchers: [MAIN], ...selection });

/**
 * How many times the baseline's `measure` the candidate's is. `floor` is added to both: for a measure that may be nothing,
 * so that something after nothing is a growth.
 */
export function timesOf(measure: Measure, queries: Queries, by: readonly string[], floor = 0): string {
  const side = (version: string) => {
    const value = `(${measure(queries.choosing({ version }), by)})`;
    return floor === 0 ? value : `(${value} + ${floor})`;
  };
  return `${side('candidate')} / (${side('baseline')} > 0)`;
}

/** Seconds that main loops existed. */
export const loopTime: Measure = (queries, by, selection) =>
  growth(queries, METRICS.eventLoopTime, by, { matchers: [PARTS_OF_TIME, MAIN], ...selection });

const requests: Measure = (queries, by, selection) =>
  growth(queries, METRICS.httpServerRequestDuration, by, { suffix: '_count', ...selection });

function growth(
  queries: Queries,
  metric: Parameters<Queries['over']>[1],
  by: readonly string[],
  selection: Selection,
): string {
  const operation: RangeFunction = 'increase';
  return aggregate('sum', by, queries.over(operation, metric, { range: RANGE, ...selection }));
}
