// PromQL in pieces for rules: the names of a set, the labels that tell jobs apart, windows that can be shortened.
import { ATTRIBUTES, METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { prometheusLabel } from '../../src/prometheus/naming.js';
import type { MetricSet, Suffix } from '../sets.js';
import { DAY_S, renderDuration } from './durations.js';
import { matchersIn } from './option-kinds.js';
import type { RuleOptions } from './options.js';

/** Labels of targets and attributes that rules match and group by. */
export const LABELS = {
  job: 'job',
  instance: 'instance',
  /** A process of a group that shares one endpoint (docs/groups.md); most targets have none. */
  process: 'process',
  version: 'service_version',
  thread: prometheusLabel(ATTRIBUTES.threadName),
  function: prometheusLabel(ATTRIBUTES.codeFunctionName),
  file: prometheusLabel(ATTRIBUTES.codeFilePath),
  stallCause: prometheusLabel(ATTRIBUTES.stallCause),
  loopState: prometheusLabel(ATTRIBUTES.eventLoopState),
  queue: prometheusLabel(ATTRIBUTES.queueName),
  pool: prometheusLabel(ATTRIBUTES.dbClientConnectionPoolName),
  connectionState: prometheusLabel(ATTRIBUTES.dbClientConnectionState),
  lane: prometheusLabel(ATTRIBUTES.threadPoolLane),
  lock: prometheusLabel(ATTRIBUTES.lockName),
  workerState: prometheusLabel(ATTRIBUTES.workerState),
  errorType: prometheusLabel(ATTRIBUTES.errorType),
} as const;

/** The main thread's series: workers are there to compute, and may lag. */
export const MAIN = `${LABELS.thread}="main"`;

/** Which samples of a metric. */
export interface Selection {
  readonly matchers?: readonly string[];
  /** @default none */
  readonly suffix?: Suffix;
}

/** Builds the expressions of one set. */
export interface Expressions {
  readonly set: MetricSet;
  readonly options: RuleOptions;
  /** A duration of a rule, shortened where that was asked for. */
  duration(seconds: number): string;
  /** `job`, the labels that tell jobs apart, and `labels`. */
  labels(...labels: readonly string[]): string;
  /** Everything that tells one process. */
  readonly processLabels: readonly string[];
  series(metric: MetricDefinition, selection?: Selection): string;
  /**
   * Series that rules have made, or Prometheus of them: of the jobs that the option `matchers` selects, as far as their
   * labels tell. Where several sets are in one Prometheus, others have made some as well.
   */
  record(name: string, matchers?: readonly string[]): string;
  /** A function over a window of the series, such as `rate`. */
  over(operation: string, metric: MetricDefinition, windowS: number, selection?: Selection): string;
  /** `operation` by job and `labels`. */
  by(operation: string, labels: readonly string[], of: string): string;
  quantile(
    q: number,
    metric: MetricDefinition,
    windowS: number,
    labels: readonly string[],
    selection?: Selection,
  ): string;
  /** `of` with the version of the process, where its set does not have that on every series. */
  versioned(of: string): string;
}

/** The record of which version a process has, in sets that tell it by `target_info`. */
export const VERSION_OF_INSTANCE = 'instance:loopsight_version:info';

/** The expressions of `set` with complete `options`. */
export function createExpressions(set: MetricSet, options: RuleOptions): Expressions {
  const duration = (seconds: number) => renderDuration(seconds / options.shorten);
  const own = options.matchers === '' ? [] : [options.matchers];
  const labels = (...further: readonly string[]) => [LABELS.job, ...options.labels, ...further].join(', ');

  function series(metric: MetricDefinition, { matchers = [], suffix = '' }: Selection = {}): string {
    if (!set.has(metric)) throw new TypeError(`Expected ${metric.name} to be a metric of ${set.title}`);
    const all = [...own, ...matchers];
    return `${set.nameOf(metric, suffix)}${all.length === 0 ? '' : `{${all.join(', ')}}`}`;
  }

  const kept = matchersIn(options.matchers).filter(({ label }) => [LABELS.job, ...options.labels].includes(label));

  const expressions: Expressions = {
    set,
    options,
    duration,
    labels,
    processLabels: [LABELS.instance, LABELS.process],
    series,
    record(name, matchers = []) {
      const all = [...kept.map(({ matcher }) => matcher), ...matchers];
      return `${name}${all.length === 0 ? '' : `{${all.join(', ')}}`}`;
    },
    over: (operation, metric, windowS, selection) => `${operation}(${series(metric, selection)}[${duration(windowS)}])`,
    by: (operation, further, of) => `${operation} by (${labels(...further)}) (${of})`,
    quantile(q, metric, windowS, further, { matchers = [] } = {}) {
      const rates = expressions.over('rate', metric, windowS, { matchers, suffix: '_bucket' });
      return `histogram_quantile(${q}, ${expressions.by('sum', [...further, 'le'], rates)})`;
    },
    versioned: (of) =>
      set.version === 'label'
        ? of
        : `${of} * on (${labels(LABELS.instance)}) group_left (${LABELS.version}) ${VERSION_OF_INSTANCE}`,
  };
  return expressions;
}

/**
 * Jobs with HTTP that nearly nobody calls, in any hour of the last day: one that hangs answers nobody either, and is no
 * quiet one.
 */
export function quietJobs({ options, labels, duration, record }: Expressions): string {
  const busiest = `max_over_time(${record(REQUESTS_RATE_1H)}[${duration(DAY_S)}])`;
  return `on (${labels()}) (${busiest} * 3600 < ${options.minimumRequestsPerHour})`;
}

/** The record of a job's requests a second in the last hour. */
export const REQUESTS_RATE_1H = 'job:http_server_requests:rate1h';

/** What every process that runs Loopsight has, and no other, also while its gauges are too old to be shown. */
export const PRESENCE = METRICS.eventLoopLag;
