// Rules about everything else that work waits for: locks, connections of pools, threads of libuv, the door of the process.
import { ATTRIBUTES, METRICS, type MetricDefinition } from '../metric-names.js';
import { type Figure, type Figures, labelOf } from './figures.js';
import type { Problem } from './problem.js';
import { mean, quantile } from './quantile.js';
import { threadOf } from './stuck-rules.js';
import * as bounds from './thresholds.js';
import { counted, duration, figure, printable } from './wording.js';

interface WaitRule {
  readonly rule: string;
  readonly metric: MetricDefinition;
  readonly by: readonly string[];
  /** From here on the 99th percentile is a problem, in seconds. */
  readonly bound: number;
  /** What is waited for, such as `lock accounts`. */
  readonly subjectOf: (one: Pick<Figure, 'labels'>) => string;
  /** What else is known of it; begins with `; ` or is empty. */
  readonly more: (one: Pick<Figure, 'labels'>, figures: Figures) => string;
}

/** Locks that flows wait for. */
export const contendedLocks = waits({
  rule: 'lock-wait',
  metric: METRICS.lockWaitDuration,
  by: [ATTRIBUTES.lockName],
  bound: bounds.LOCK_WAIT_P99_S,
  subjectOf: (one) => `lock ${printable(labelOf(one, ATTRIBUTES.lockName))}`,
  more(one, figures) {
    const hold = figures.histograms(METRICS.lockHoldDuration, [ATTRIBUTES.lockName], 1).find(sameAs(one));
    const held = hold === undefined ? undefined : mean(hold);
    const waiters = gaugeOf(figures, METRICS.lockWaiters, one) ?? 0;
    const now = waiters > 0 ? `; ${counted(waiters, 'waits', 'wait')} right now` : '';
    return `${held === undefined ? '' : `; it is held for ${duration(held)} at a time`}${now}`;
  },
});

/** Pools of connections that requests wait for. */
export const exhaustedPools = waits({
  rule: 'connection-wait',
  metric: METRICS.dbClientConnectionWaitTime,
  by: [ATTRIBUTES.dbClientConnectionPoolName],
  bound: bounds.WAIT_P99_S,
  subjectOf: (one) => `a connection of pool ${printable(labelOf(one, ATTRIBUTES.dbClientConnectionPoolName))}`,
  more(one, figures) {
    const limit = gaugeOf(figures, METRICS.dbClientConnectionLimit, one);
    const pending = gaugeOf(figures, METRICS.dbClientConnectionPendingRequests, one) ?? 0;
    const has = limit === undefined ? '' : `; it may have ${figure(limit)}`;
    return `${has}${pending > 0 ? `; ${counted(pending, 'request waits', 'requests wait')} right now` : ''}`;
  },
});

/** The lanes of libuv's thread pool that work waits for. */
export const busyThreadPool = waits({
  rule: 'thread-pool-wait',
  metric: METRICS.threadPoolWait,
  by: [ATTRIBUTES.threadPoolLane],
  bound: bounds.WAIT_P99_S,
  subjectOf: ({ labels }) => threadOf(labels),
  more(one, figures) {
    const size = gaugeOf(figures, METRICS.threadPoolSize, one);
    return size === undefined ? '' : `; there are ${figure(size)} (UV_THREADPOOL_SIZE)`;
  },
});

/** Ports at which connections wait to be accepted. */
export function fullDoors(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.acceptQueueDepth);
  return figures.gauges(METRICS.acceptQueueDepth, [ATTRIBUTES.serverPort]).flatMap(({ labels, value }): Problem[] => {
    const capacity = gaugeOf(figures, METRICS.acceptQueueCapacity, { labels });
    const bound = Math.min(bounds.ACCEPT_QUEUE_DEPTH, (capacity ?? Number.POSITIVE_INFINITY) / 2);
    if (value <= bound) return [];
    const has = capacity === undefined ? '' : `, where ${figure(capacity)} may`;
    const subject = `port ${printable(labelOf({ labels }, ATTRIBUTES.serverPort))}`;
    const problem: Problem = {
      severity: 'warning',
      rule: 'accept-queue',
      subject,
      sentence:
        `${counted(value, 'connection waits', 'connections wait')} until the process accepts ` +
        `${value === 1 ? 'it' : 'them'} at ${subject}${has} (${metric} ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels,
      period: 'now',
    };
    return [problem];
  });
}

/** Locks that flows take in opposite orders. */
export function likelyDeadlocks(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.lockDeadlocks);
  return figures
    .counters(METRICS.lockDeadlocks, [], 'lifetime')
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({
      severity: 'warning',
      rule: 'lock-order',
      subject: 'locks',
      sentence:
        `${counted(value, 'pair')} of locks ${value === 1 ? 'is' : 'are'} taken in opposite orders, a likely deadlock: ` +
        `the log names the code (${metric} ${figure(value)}, bound 0).`,
      metric,
      value,
      bound: 0,
      labels,
      period: 'lifetime',
    }));
}

function waits({ rule, metric: definition, by, bound, subjectOf, more }: WaitRule): (figures: Figures) => Problem[] {
  return (figures) => {
    const metric = figures.nameOf(definition);
    return figures.histograms(definition, by, bounds.WAIT_MINIMUM_COUNT).flatMap((wait): Problem[] => {
      const { labels, period, count } = wait;
      const high = quantile(wait, 0.99);
      if (count < bounds.WAIT_MINIMUM_COUNT || high === undefined || high.value <= bound) return [];
      const { value, beyond } = high;
      const subject = subjectOf({ labels });
      return [
        {
          severity: 'warning',
          rule,
          subject,
          sentence:
            `One in a hundred waited ${beyond ? 'over ' : ''}${duration(value)} for ${subject} ${figures.phrase(period)}` +
            `${more({ labels }, figures)} (${metric} p99 ${beyond ? 'over ' : ''}${figure(value)}, bound ${figure(bound)}).`,
          metric,
          value,
          bound,
          labels,
          period,
        },
      ];
    });
  };
}

function gaugeOf(figures: Figures, metric: MetricDefinition, one: Pick<Figure, 'labels'>): number | undefined {
  const attributes = metric.attributes.filter((key) => labelOf(one, key) !== '');
  return figures.gauges(metric, attributes).find(sameAs(one))?.value;
}

function sameAs({ labels }: Pick<Figure, 'labels'>): (other: Pick<Figure, 'labels'>) => boolean {
  return (other) => Object.entries(labels).every(([key, value]) => other.labels[key] === value);
}
