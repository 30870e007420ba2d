// Rules about the process and its threads: garbage collection, heap, CPU quota, ended workers, and Loopsight itself.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Figures } from './figures.js';
import { labelOf } from './figures.js';
import { threadOf } from './loop-rules.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { bytes, counted, duration, figure, percent, printable } from './wording.js';

const BY_THREAD = [ATTRIBUTES.threadName];

/** Threads whose heap is almost as large as it may be. */
export function fullHeaps(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.heapUsed);
  const limits = figures.gauges(METRICS.heapLimit, BY_THREAD);
  return figures.gauges(METRICS.heapUsed, BY_THREAD).flatMap(({ labels, value }): Problem[] => {
    const limit = limits.find((it) => threadName(it) === threadName({ labels }))?.value ?? 0;
    const bound = limit * bounds.HEAP_SHARE;
    if (limit <= 0 || value <= bound) return [];
    const { subject } = threadOf({ labels });
    return [
      {
        severity: 'critical',
        rule: 'heap',
        subject: `heap of ${subject}`,
        sentence:
          `The heap of ${subject} holds ${bytes(value)} of the ${bytes(limit)} that it may grow to ` +
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

/** Threads that spend much of their time on garbage collections. */
export function collectingThreads(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.gcDuration);
  const bound = bounds.GC_SHARE;
  return figures.histograms(METRICS.gcDuration, BY_THREAD, 1).flatMap((collections): Problem[] => {
    const { labels, sum, period } = collections;
    const time = figures
      .counters(METRICS.eventLoopTime, BY_THREAD, period)
      .find((it) => threadName(it) === threadName(collections));
    if (time === undefined || time.value < bounds.SHARE_MINIMUM_S) return [];
    const value = sum / time.value;
    if (value <= bound) return [];
    const { subject } = threadOf(collections);
    return [
      {
        severity: 'warning',
        rule: 'garbage-collection',
        subject: `heap of ${subject}`,
        sentence:
          `Garbage collection took ${percent(value)} of the time of ${subject} ${figures.phrase(period)} ` +
          `(share of ${metric}_sum ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period,
      },
    ];
  });
}

/** A control group that used up its CPU quota; the counter is older than the process, so only its growth is judged. */
export function throttledProcess(figures: Figures): Problem[] {
  const { elapsedS } = figures;
  const [throttled] = figures.counters(METRICS.cgroupThrottledTime, [], 'interval');
  if (elapsedS === undefined || elapsedS < bounds.SHARE_MINIMUM_S || throttled === undefined) return [];
  const metric = figures.nameOf(METRICS.cgroupThrottledTime);
  const bound = bounds.THROTTLED_SHARE;
  const value = throttled.value / elapsedS;
  if (value <= bound) return [];
  return [
    {
      severity: 'warning',
      rule: 'throttled',
      subject: 'process',
      sentence:
        `The CPU quota held the process back for ${duration(throttled.value)} ${figures.phrase('interval')} ` +
        `(growth of ${metric} a second ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels: {},
      period: 'interval',
    },
  ];
}

/** Worker threads that ended with an exit code other than 0, more often than once an hour. */
export function endedWorkers(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.workerExits);
  const { threadName: thread, exitCode } = ATTRIBUTES;
  const hours = (figures.gauges(METRICS.processUptime, [])[0]?.value ?? 0) / 3600;
  const bound = bounds.WORKER_EXITS_PER_HOUR * Math.max(hours, 1);
  return figures
    .counters(METRICS.workerExits, [thread, exitCode], 'lifetime')
    .flatMap(({ labels, value }): Problem[] => {
      const code = labelOf({ labels }, exitCode);
      // Not a number where the end itself was not seen.
      if (!/^-?\d+$/.test(code) || Number(code) === 0 || value < bound) return [];
      const name = printable(threadName({ labels }));
      return [
        {
          severity: 'notice',
          rule: 'worker-exits',
          subject: `worker thread ${name}`,
          sentence:
            `${counted(value, 'worker thread')} ${name} ended with exit code ${printable(code)} since start ` +
            `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
          metric,
          value,
          bound,
          labels,
          period: 'lifetime',
        },
      ];
    });
}

/** Figures of the main thread that are old, because its loop does not answer. */
export function oldSnapshot(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.selfSnapshotAge);
  const value = figures.gauges(METRICS.selfSnapshotAge, [])[0]?.value ?? 0;
  const bound = bounds.SNAPSHOT_AGE_S;
  if (value <= bound) return [];
  return [
    {
      severity: 'warning',
      rule: 'snapshot-age',
      subject: 'thread main',
      sentence:
        `The figures of thread main are ${duration(value)} old, its loop has not told newer ones since ` +
        `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels: {},
      period: 'now',
    },
  ];
}

/** Errors of Loopsight's own that the application was spared: what it shows may be incomplete. */
export function suppressedErrors(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.selfErrorsSuppressed);
  const value = figures.counters(METRICS.selfErrorsSuppressed, [], 'lifetime')[0]?.value ?? 0;
  if (value <= 0) return [];
  return [
    {
      severity: 'notice',
      rule: 'self-errors',
      subject: 'loopsight',
      sentence:
        `Loopsight kept ${counted(value, 'error')} of its own from the application since start, so figures may be missing ` +
        `(${metric} ${figure(value)}, bound 0).`,
      metric,
      value,
      bound: 0,
      labels: {},
      period: 'lifetime',
    },
  ];
}

function threadName(of: { readonly labels: Readonly<Record<string, string>> }): string {
  return labelOf(of, ATTRIBUTES.threadName);
}
