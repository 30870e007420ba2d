// Which instances are in trouble: their requests fail, or their loop lags.
import { METRICS } from '../../../../src/metric-names.js';
import { HTTP_ERROR_SHARE, LAG_P99_S } from '../../../../src/status/thresholds.js';
import { BY_VERSIONED_INSTANCE } from '../../labels.js';
import { aggregate, type Queries } from '../../queries.js';

/** Processes in trouble, by labels that instances have; 0 where there are none. */
export function hurtInstances(queries: Queries, by: readonly string[]): string {
  const { errorShare, quantile } = queries;
  const lagging = `${quantile(0.99, METRICS.eventLoopLag, BY_VERSIONED_INSTANCE)} > ${LAG_P99_S}`;
  const failing = `${errorShare(METRICS.httpServerRequestDuration, BY_VERSIONED_INSTANCE)} > ${HTTP_ERROR_SHARE}`;
  return `(${aggregate('count', by, `${lagging} or ${failing}`)} or ${instances(queries, by)} * 0)`;
}

/** Instances that report, by labels that instances have. */
export function instances({ series }: Queries, by: readonly string[]): string {
  return aggregate('count', by, series(METRICS.processUptime));
}

/** Share of the instances that are in trouble. */
export function hurtShare(queries: Queries): string {
  return `${hurtInstances(queries, [])} / ${instances(queries, [])}`;
}
