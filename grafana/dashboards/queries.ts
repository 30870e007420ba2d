// PromQL in pieces: every selector has the matchers of the dashboard's variables, every metric comes from METRICS.
import { ATTRIBUTES, type MetricDefinition } from '../../src/metric-names.js';
import { prometheusName } from '../../src/prometheus/naming.js';
import { LABELS } from './labels.js';

/** The parts of a histogram; empty for everything else. */
export type Suffix = '' | '_bucket' | '_sum' | '_count';

/** The metric's Prometheus name. Throws a TypeError where it has none. */
export function nameOf(metric: MetricDefinition, suffix: Suffix = ''): string {
  const name = prometheusName(metric);
  if (name === undefined) throw new TypeError(`Expected ${metric.name} to have a Prometheus name`);
  return `${name}${suffix}`;
}

/** The metric's series of the jobs, instances, versions and, unless `matchers` name one, threads that are chosen. */
export function series(metric: MetricDefinition, matchers: readonly string[] = [], suffix: Suffix = ''): string {
  const chosen = ['job=~"$job"', 'instance=~"$instance"', `${LABELS.version}=~"$version"`];
  const threaded = metric.attributes.includes(ATTRIBUTES.threadName);
  if (threaded && !matchers.some((matcher) => matcher.startsWith(LABELS.thread))) {
    chosen.push(`${LABELS.thread}=~"$thread"`);
  }
  return `${nameOf(metric, suffix)}{${[...chosen, ...matchers].join(', ')}}`;
}

/** Growth a second of a counter, or of a part of a histogram. */
export function rate(metric: MetricDefinition, matchers: readonly string[] = [], suffix: Suffix = ''): string {
  return `rate(${series(metric, matchers, suffix)}[$__rate_interval])`;
}

/** Growth of a counter, or of a part of a histogram, from one point of a graph to the next. */
export function increase(metric: MetricDefinition, matchers: readonly string[] = [], suffix: Suffix = ''): string {
  return `increase(${series(metric, matchers, suffix)}[$__rate_interval])`;
}

/** `operation` over what has the same values of `labels`; over everything without any. */
export function aggregate(operation: 'sum' | 'max' | 'min' | 'count', labels: readonly string[], of: string): string {
  return labels.length === 0 ? `${operation}(${of})` : `${operation} by (${labels.join(', ')}) (${of})`;
}

/** The five largest at each moment. */
export function top5(of: string): string {
  return `topk(5, ${of})`;
}

/** A quantile of a histogram; buckets are added up first, quantiles never. */
export function quantile(
  q: number,
  metric: MetricDefinition,
  by: readonly string[],
  matchers: readonly string[] = [],
): string {
  return `histogram_quantile(${q}, ${aggregate('sum', ['le', ...by], rate(metric, matchers, '_bucket'))})`;
}

/** The share of a histogram's observations that have an error type: 0 where none has, nothing where there are none. */
export function errorShare(metric: MetricDefinition, by: readonly string[]): string {
  const all = aggregate('sum', by, rate(metric, [], '_count'));
  const failed = aggregate('sum', by, rate(metric, [`${LABELS.errorType}!=""`], '_count'));
  return `(${failed} or ${all} * 0) / (${all} > 0)`;
}
