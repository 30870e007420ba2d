// What happened, the first time included: the growth of counters that nobody needed before, and 0 where nothing did.
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { aggregate, type Queries, type Selection, WHOLE_RANGE } from './queries.js';

type Growth = (
  queries: Queries,
  metric: MetricDefinition,
  by: readonly string[],
  selection?: Pick<Selection, 'matchers' | 'suffix'>,
) => string;

/** Growth within the whole range, by labels. */
export const grown: Growth = ({ appeared, over }, metric, by, selection = {}) => {
  const increase = over('increase', metric, { ...selection, range: WHOLE_RANGE });
  // A label keeps the two of a series apart, so that they add up.
  const first = `label_replace(${appeared('range', metric, selection)}, "appeared", "1", "", "")`;
  return aggregate('sum', by, `${increase} or ${first}`);
};

/** Growth from one point of a graph to the next, by labels. */
export const growth: Growth = ({ appeared, over }, metric, by, selection = {}) =>
  aggregate('sum', by, `${appeared('points', metric, selection)} or ${over('increase', metric, selection)}`);

/** Growth a second, by labels. */
export const growthRate: Growth = ({ appeared, over }, metric, by, selection = {}) => {
  const first = `${appeared('points', metric, selection)} / ($__rate_interval_ms / 1000)`;
  return aggregate('sum', by, `${first} or ${over('rate', metric, selection)}`);
};

/** `of`, or 0 where processes report and it has no answer: what never happened has no series. */
export function orNone({ series }: Queries, of: string): string {
  return `${of} or ${aggregate('count', [], series(METRICS.processUptime))} * 0`;
}
