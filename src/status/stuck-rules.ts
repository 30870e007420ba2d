// Rules about what has waited for long and still does: waits that have ended say nothing of one that never ends.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import { type Figure, type Figures, labelOf } from './figures.js';
import type { Problem } from './problem.js';
import * as bounds from './thresholds.js';
import { counted, duration, figure, printable } from './wording.js';

type Labels = Figure['labels'];

/** Locks that are held for long while others wait. */
export function heldLocks(figures: Figures): Problem[] {
  const by = [ATTRIBUTES.lockName];
  const metric = figures.nameOf(METRICS.lockLongestHold);
  const bound = bounds.LOCK_HELD_S;
  const waiters = figures.gauges(METRICS.lockWaiters, by);
  // Locks of one name may be many: one that nobody waits for may be held for as long as its holder likes.
  const holders = figures.counters(
    METRICS.lockLongHolds,
    [...by, ATTRIBUTES.codeFunctionName, ATTRIBUTES.codeFilePath],
    'lifetime',
  );
  return figures.gauges(METRICS.lockLongestHold, by).flatMap(({ labels, value }): Problem[] => {
    const waiting = valueAt(waiters, labels);
    const long = holders.filter((holder) => holder.value > 0 && isAt(labels, holder));
    if (value <= bound || waiting <= 0 || long.length === 0) return [];
    const subject = `lock ${printable(labelOf({ labels }, ATTRIBUTES.lockName))}`;
    return [
      {
        severity: value >= bounds.LOCK_HELD_CRITICAL_S ? 'critical' : 'warning',
        rule: 'lock-held',
        subject,
        sentence:
          `L${subject.slice(1)} has been held for ${duration(value)}${holderOf(long)} and ` +
          `${counted(waiting, 'waits', 'wait')} for it (${metric} ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period: 'now',
      },
    ];
  });
}

// Only one can be the one that holds it now.
function holderOf(holders: readonly Figure[]): string {
  const [only, ...others] = holders;
  if (only === undefined || others.length > 0) return '';
  const [name, file] = [ATTRIBUTES.codeFunctionName, ATTRIBUTES.codeFilePath].map((key) => labelOf(only, key));
  return name === '' || file === '' ? '' : ` by ${printable(name ?? '')} (${printable(file ?? '')})`;
}

/** Pools of connections of which all are taken, and none came back between the scrapes, while requests wait. */
export function stuckPools(figures: Figures): Problem[] {
  const by = [ATTRIBUTES.dbClientConnectionPoolName];
  if (figures.elapsedS === undefined) return [];
  const metric = figures.nameOf(METRICS.dbClientConnectionPendingRequests);
  const before = figures.gaugesBefore(METRICS.dbClientConnectionPendingRequests, by);
  const limits = figures.gauges(METRICS.dbClientConnectionLimit, by);
  const used = figures
    .gauges(METRICS.dbClientConnectionCount, [...by, ATTRIBUTES.dbClientConnectionState])
    .filter((one) => labelOf(one, ATTRIBUTES.dbClientConnectionState) === 'used');
  const uses = figures.counts(METRICS.dbClientConnectionUseTime, by, 'lifetime');
  const givenBack = figures.counts(METRICS.dbClientConnectionUseTime, by, 'interval');
  return figures.gauges(METRICS.dbClientConnectionPendingRequests, by).flatMap(({ labels, value }): Problem[] => {
    const limit = valueAt(limits, labels);
    // Not everybody who tells of pools tells how long connections are used.
    if (!uses.some((one) => isAt(labels, one))) return [];
    if (value <= 0 || valueAt(before, labels) <= 0 || limit <= 0) return [];
    if (valueAt(used, labels) < limit || valueAt(givenBack, labels) > 0) return [];
    const subject = `pool ${printable(labelOf({ labels }, ATTRIBUTES.dbClientConnectionPoolName))}`;
    const all = limit === 1 ? 'the only one is' : `all ${figure(limit)} are`;
    return [
      {
        severity: 'warning',
        rule: 'connection-stuck',
        subject,
        sentence:
          `${counted(value, 'request waits', 'requests wait')} for a connection of ${subject}: ${all} in use, and none ` +
          `was given back ${figures.phrase('interval')} (${metric} ${figure(value)}, bound 0).`,
        metric,
        value,
        bound: 0,
        labels,
        period: 'interval',
      },
    ];
  });
}

/** The lanes of libuv's thread pool in which work has waited for long right now. */
export function stuckThreadPool(figures: Figures): Problem[] {
  const by = [ATTRIBUTES.threadPoolLane];
  const metric = figures.nameOf(METRICS.threadPoolOldestAge);
  const bound = bounds.THREAD_POOL_OLDEST_AGE_S;
  const sizes = figures.gauges(METRICS.threadPoolSize, by);
  return figures
    .gauges(METRICS.threadPoolOldestAge, by)
    .filter(({ value }) => value > bound)
    .map(({ labels, value }) => {
      const subject = threadOf(labels);
      const size = valueAt(sizes, labels);
      const there = size > 0 ? `; there are ${figure(size)} (UV_THREADPOOL_SIZE)` : '';
      return {
        severity: 'warning',
        rule: 'thread-pool-stuck',
        subject,
        sentence:
          `Whatever needs ${subject} has waited for ${duration(value)} right now${there} ` +
          `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period: 'now',
      };
    });
}

/** What a lane is for, in words. */
export function threadOf(labels: Labels): string {
  return labelOf({ labels }, ATTRIBUTES.threadPoolLane) === 'slow_io'
    ? 'a thread of libuv for slow I/O, such as DNS'
    : 'a thread of libuv for files, crypto or compression';
}

function valueAt(all: readonly Figure[], labels: Labels): number {
  return all.find((one) => isAt(labels, one))?.value ?? 0;
}

function isAt(labels: Labels, other: Figure): boolean {
  return Object.entries(labels).every(([key, value]) => other.labels[key] === value);
}
