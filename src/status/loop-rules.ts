// Rules about event loops: blocked right now, lag, utilization.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Figures } from './figures.js';
import { labelOf } from './figures.js';
import type { Problem } from './problem.js';
import { mean, quantile } from './quantile.js';
import * as bounds from './thresholds.js';
import { duration, figure, percent, printable } from './wording.js';
import { stallsAreWaits, waitingWorkers, workersInWaits } from './worker-rules.js';

const BY_THREAD = [ATTRIBUTES.threadName];

/** Loops that do not turn right now. */
export function blockedLoops(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.eventLoopBlocked);
  return figures.gauges(METRICS.eventLoopBlocked, BY_THREAD).flatMap(({ labels, value }): Problem[] => {
    const thread = threadOf({ labels });
    const bound = thread.isMain ? bounds.BLOCKED_S : bounds.WORKER_BLOCKED_S;
    if (value < bound || workersInWaits(figures, { labels }) !== undefined) return [];
    return [
      {
        severity: thread.isMain ? 'critical' : 'warning',
        rule: 'loop-blocked',
        subject: thread.subject,
        sentence:
          `The loop of ${thread.subject} has been blocked for ${duration(value)} right now ` +
          `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period: 'now',
      },
    ];
  });
}

/** Loops that callbacks wait for: the 99th percentile, or where that is in order the mean. */
export function laggingLoops(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.eventLoopLag);
  const lags = figures.histograms(METRICS.eventLoopLag, BY_THREAD, bounds.LAG_MINIMUM_COUNT);
  return lags.flatMap((lag): Problem[] => {
    const { labels, period } = lag;
    const thread = threadOf(lag);
    if (!thread.isMain && stallsAreWaits(figures, lag, period)) return [];
    const high = quantile(lag, 0.99);
    const bound = thread.isMain ? bounds.LAG_P99_S : bounds.WORKER_LAG_P99_S;
    if (high !== undefined && high.value > bound) {
      const { value, beyond } = high;
      const waited = beyond ? `over ${duration(value)}` : `about ${duration(value)} or more`;
      return [
        {
          severity: thread.isMain && value >= bounds.LAG_P99_CRITICAL_S ? 'critical' : 'warning',
          rule: 'loop-lag',
          subject: thread.subject,
          sentence:
            `One callback in a hundred waited ${waited} for the loop of ${thread.subject} ${figures.phrase(period)} ` +
            `(${metric} p99 ${beyond ? 'over ' : ''}${figure(value)}, bound ${figure(bound)}).`,
          metric,
          value,
          bound,
          labels,
          period,
        },
      ];
    }
    const value = mean(lag);
    if (!thread.isMain || value === undefined || value <= bounds.LAG_MEAN_S) return [];
    return [
      {
        severity: 'warning',
        rule: 'loop-lag',
        subject: thread.subject,
        sentence:
          `A callback waited ${duration(value)} on average for the loop of ${thread.subject} ${figures.phrase(period)} ` +
          `(${metric} mean ${figure(value)}, bound ${figure(bounds.LAG_MEAN_S)}).`,
        metric,
        value,
        bound: bounds.LAG_MEAN_S,
        labels,
        period,
      },
    ];
  });
}

/** Loops without time to spare: the gauge of the last 10 s. */
export function busyLoops(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.eventLoopUtilization);
  return figures.gauges(METRICS.eventLoopUtilization, BY_THREAD).flatMap(({ labels, value }): Problem[] => {
    const thread = threadOf({ labels });
    const bound = thread.isMain ? bounds.UTILIZATION : bounds.WORKER_UTILIZATION;
    if (value <= bound) return [];
    const waiting = workersInWaits(figures, { labels });
    if (waiting !== undefined) return [waitingWorkers(figures, { labels }, waiting)];
    return [
      {
        severity: 'warning',
        rule: 'loop-utilization',
        subject: thread.subject,
        sentence:
          `The loop of ${thread.subject} was busy for ${percent(value)} of the last 10 s ` +
          `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period: 'now',
      },
    ];
  });
}

/** A thread as sentences name it. */
export function threadOf(of: { readonly labels: Readonly<Record<string, string>> }): {
  subject: string;
  isMain: boolean;
} {
  const name = labelOf(of, ATTRIBUTES.threadName);
  const isMain = name === 'main';
  return { subject: `${isMain ? 'thread' : 'worker thread'} ${printable(name)}`, isMain };
}
