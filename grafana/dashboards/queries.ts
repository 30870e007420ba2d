// PromQL in pieces for one set of metrics: every selector has the matchers of the dashboard's variables.
import { ATTRIBUTES, METRICS, type MetricDefinition } from '../../src/metric-names.js';
import type { MetricSet, Suffix } from '../sets.js';
import { appeared, type Period } from './appearance.js';
import { LABELS } from './labels.js';
import { ago, type JoinedAt, versionOf } from './version-join.js';

/** How a range of samples becomes one value. */
export type RangeFunction =
  | 'rate'
  | 'increase'
  | 'changes'
  | 'resets'
  | 'avg_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'last_over_time'
  | 'count_over_time'
  | 'present_over_time';

export type Aggregation = 'sum' | 'max' | 'min' | 'avg' | 'count';

/** Which samples of a metric. */
export interface Selection {
  /** Further matchers, such as `thread_name="main"`; one of the thread replaces the choice of threads. */
  readonly matchers?: readonly string[];
  /** @default none */
  readonly suffix?: Suffix;
  /** @default what fits the graph's points */
  readonly range?: string;
  /** How long ago, such as `1h`. @default now */
  readonly offset?: string;
}

/** What the series of `queries` are chosen by. */
export interface Choice {
  /** The variable that holds versions. @default version */
  readonly version?: string;
  /** The variable that holds names of functions, for the metrics that have them. @default none */
  readonly function?: string;
}

/** Builds the queries of one set. Whatever of it is a series has its `service_version`, wherever the set keeps that. */
export interface Queries {
  readonly set: MetricSet;
  /** The same, chosen by other variables as well: `queries.choosing({ version: 'baseline' })`. */
  choosing(choice: Choice): Queries;
  /** Whether the set has all of the metrics; panels of others are left out. */
  has(...metrics: readonly MetricDefinition[]): boolean;
  /** The metric's Prometheus name. */
  nameOf(metric: MetricDefinition, suffix?: Suffix): string;
  /** The metric's series of the jobs, instances, versions and, unless `matchers` name one, threads that are chosen. */
  series(metric: MetricDefinition, matchers?: readonly string[], suffix?: Suffix): string;
  /** `operation` over a range of those series. */
  over(operation: RangeFunction, metric: MetricDefinition, selection?: Selection): string;
  /** Values of counters that appeared, without a growth that `rate` and `increase` could see. */
  appeared(period: Period, metric: MetricDefinition, selection?: Pick<Selection, 'matchers' | 'suffix'>): string;
  /** Growth a second of a counter, or of a part of a histogram. */
  rate(metric: MetricDefinition, matchers?: readonly string[], suffix?: Suffix): string;
  /** A quantile of a histogram; buckets are added up first, quantiles never. */
  quantile(q: number, metric: MetricDefinition, by: readonly string[], matchers?: readonly string[]): string;
  /** As `quantile`, of other samples than those of the graph's points. */
  quantileOver(q: number, metric: MetricDefinition, by: readonly string[], selection: Selection): string;
  /** The share of a histogram's observations that have an error type: 0 where none has, nothing where there are none. */
  errorShare(metric: MetricDefinition, by: readonly string[]): string;
}

/** The range over which counters grow from one point of a graph to the next. */
export const RATE_INTERVAL = '$__rate_interval';

/** What the dashboard shows, as one range; of queries of the present moment. */
export const WHOLE_RANGE = '$__range';

/** The queries of `set`. Its functions throw a TypeError for a metric that it does not have. */
export function createQueries(set: MetricSet, choice: Choice = {}): Queries {
  const { version = 'version', function: functions } = choice;

  function nameOf(metric: MetricDefinition, suffix: Suffix = ''): string {
    if (!set.has(metric)) throw new TypeError(`Expected ${metric.name} to be a metric of ${set.title}`);
    return set.nameOf(metric, suffix);
  }

  function select(metric: MetricDefinition, { matchers = [], suffix = '' }: Selection): string {
    const chosen = ['job=~"$job"', 'instance=~"$instance"'];
    if (set.version === 'label') chosen.push(`${LABELS.version}=~"$${version}"`);
    const threaded = metric.attributes.includes(ATTRIBUTES.threadName);
    if (threaded && !matchers.some((matcher) => matcher.startsWith(LABELS.thread))) {
      chosen.push(`${LABELS.thread}=~"$thread"`);
    }
    if (functions !== undefined && metric.attributes.includes(ATTRIBUTES.codeFunctionName)) {
      chosen.push(`${LABELS.function}=~"$${functions}"`);
    }
    return `${nameOf(metric, suffix)}{${[...chosen, ...matchers].join(', ')}}`;
  }

  function over(operation: RangeFunction, metric: MetricDefinition, selection: Selection = {}): string {
    const { range = RATE_INTERVAL, offset } = selection;
    const isGrowth = operation === 'rate' || operation === 'increase';
    if (set.version === 'target_info' && range === WHOLE_RANGE && isGrowth) {
      const growth = `${grownBy(metric, selection)} * $__interval_ms / 1000`;
      return operation === 'increase' ? `(${growth})` : `(${growth} / $__range_s)`;
    }
    const known = range === WHOLE_RANGE ? WHOLE_RANGE : undefined;
    return versioned(`${operation}(${select(metric, selection)}[${range}]${ago(offset)})`, { offset, known });
  }

  /**
   * The rates within the whole range, added up. Each has the version of its own moment, also of processes that are gone:
   * at the end of the range there would be no target_info of them.
   */
  function grownBy(metric: MetricDefinition, { offset, ...selection }: Selection): string {
    const rate = over('rate', metric, { ...selection, range: RATE_INTERVAL });
    return `sum_over_time(${rate}[${WHOLE_RANGE}:$__interval]${ago(offset)})`;
  }

  /** Where the version is no label of the series, it comes from `target_info`, after functions over ranges. */
  function versioned(of: string, when: JoinedAt = {}): string {
    return set.version === 'label' ? of : `(${of} ${versionOf(set, version, when)})`;
  }

  function quantileOver(q: number, metric: MetricDefinition, by: readonly string[], selection: Selection): string {
    const buckets = over('rate', metric, { ...selection, suffix: '_bucket' });
    return `histogram_quantile(${q}, ${aggregate('sum', ['le', ...by], buckets)})`;
  }

  return {
    set,
    choosing: (other) => createQueries(set, { ...choice, ...other }),
    has: (...metrics) => metrics.every((metric) => set.has(metric)),
    nameOf,
    series: (metric, matchers = [], suffix = '') => versioned(select(metric, { matchers, suffix })),
    over,
    appeared: (period, metric, selection = {}) =>
      versioned(appeared(period, select(metric, selection), select(METRICS.processUptime, {})), {
        known: period === 'range' ? WHOLE_RANGE : undefined,
      }),
    rate: (metric, matchers = [], suffix = '') => over('rate', metric, { matchers, suffix }),
    quantile: (q, metric, by, matchers = []) => quantileOver(q, metric, by, { matchers }),
    quantileOver,
    errorShare(metric, by) {
      const all = aggregate('sum', by, over('rate', metric, { suffix: '_count' }));
      const matchers = [`${LABELS.errorType}!=""`];
      const failed = aggregate('sum', by, over('rate', metric, { matchers, suffix: '_count' }));
      return `(${failed} or ${all} * 0) / (${all} > 0)`;
    },
  };
}

/** `operation` over what has the same values of `labels`; over everything without any. */
export function aggregate(operation: Aggregation, labels: readonly string[], of: string): string {
  return labels.length === 0 ? `${operation}(${of})` : `${operation} by (${labels.join(', ')}) (${of})`;
}

/** The five largest at each moment. */
export function top5(of: string): string {
  return `${TOP5}${of})`;
}

/** Whether it is the five largest at each moment: over time those are many. */
export function isRanked(expression: string): boolean {
  return expression.startsWith(TOP5);
}

const TOP5 = 'topk(5, ';
