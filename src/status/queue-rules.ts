// Rules about queues: tasks that wait too long, a queue that grows, one whose capacity is used up.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import type { Figure, Figures } from './figures.js';
import { labelOf } from './figures.js';
import type { Problem } from './problem.js';
import { mean, quantile } from './quantile.js';
import * as bounds from './thresholds.js';
import { counted, duration, figure, printable } from './wording.js';
import { workersNeeded } from './workers-needed.js';

const BY_QUEUE = [ATTRIBUTES.queueName, ATTRIBUTES.queueType];

/** Queues whose oldest task has waited for long. */
export function staleQueues(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.queueOldestAge);
  const bound = bounds.QUEUE_OLDEST_AGE_S;
  return figures
    .gauges(METRICS.queueOldestAge, BY_QUEUE)
    .filter(({ value }) => value > bound)
    .map(({ labels, value }) => ({
      severity: value >= bounds.QUEUE_OLDEST_AGE_CRITICAL_S ? 'critical' : 'warning',
      rule: 'queue-age',
      subject: queueOf({ labels }),
      sentence:
        `The oldest task in ${queueOf({ labels })} has waited for ${duration(value)} ` +
        `(${metric} ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels,
      period: 'now',
    }));
}

/** Queues that get longer from one scrape to the next. */
export function growingQueues(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.queueDepth);
  const { elapsedS } = figures;
  if (elapsedS === undefined) return [];
  const bound = bounds.QUEUE_GROWTH_PER_S;
  const before = byQueue(figures.gaugesBefore(METRICS.queueDepth, BY_QUEUE));
  return figures.gauges(METRICS.queueDepth, BY_QUEUE).flatMap(({ labels, value: depth }): Problem[] => {
    const start = before.get(keyOf({ labels })) ?? 0;
    const value = (depth - start) / elapsedS;
    if (start < bounds.QUEUE_GROWTH_MINIMUM_DEPTH || value <= bound) return [];
    return [
      {
        severity: 'warning',
        rule: 'queue-growth',
        subject: queueOf({ labels }),
        sentence:
          `${counted(depth, 'task')} wait in ${queueOf({ labels })}, ${counted(depth - start, 'task')} more than ` +
          `${duration(elapsedS)} ago (${metric} +${figure(value)} a second, bound +${figure(bound)}).`,
        metric,
        value,
        bound,
        labels,
        period: 'interval',
      },
    ];
  });
}

/** Queues that run as many tasks as they may, while tasks wait for longer than a task runs. */
export function saturatedQueues(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.queueRunning);
  const running = byQueue(figures.gauges(METRICS.queueRunning, BY_QUEUE));
  const depths = byQueue(figures.gauges(METRICS.queueDepth, BY_QUEUE));
  const minimum = bounds.QUEUE_MINIMUM_COUNT;
  const waits = new Map(figures.histograms(METRICS.queueWaitDuration, BY_QUEUE, minimum).map((it) => [keyOf(it), it]));
  const runs = new Map(figures.histograms(METRICS.queueRunDuration, BY_QUEUE, minimum).map((it) => [keyOf(it), it]));
  const arrivals = arrivalsPerS(figures);
  return figures.gauges(METRICS.queueCapacity, BY_QUEUE).flatMap(({ labels, value: bound }): Problem[] => {
    const key = keyOf({ labels });
    const value = running.get(key) ?? 0;
    const depth = depths.get(key) ?? 0;
    const wait = waits.get(key);
    const run = runs.get(key);
    const waited = wait === undefined || wait.count < minimum ? undefined : quantile(wait, 0.99);
    const ran = run === undefined || run.count < minimum ? undefined : mean(run);
    if (bound <= 0 || value < bound || depth <= 0 || wait === undefined || waited === undefined || ran === undefined)
      return [];
    if (waited.value <= ran) return [];
    return [
      {
        severity: 'warning',
        rule: 'queue-saturated',
        subject: queueOf({ labels }),
        sentence:
          `Q${queueOf({ labels }).slice(1)} runs all the tasks that it may and ${counted(depth, 'more waits', 'more wait')}: one in a ` +
          `hundred waited ${waited.beyond ? 'over ' : ''}${duration(waited.value)} ${figures.phrase(wait.period)}, ` +
          `where a run takes ${duration(ran)}${enough(bound, ran, arrivals.get(key))} ` +
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

function arrivalsPerS(figures: Figures): Map<string, number> {
  const { elapsedS } = figures;
  if (elapsedS === undefined) return new Map();
  const added = figures
    .counters(METRICS.queueTasks, [...BY_QUEUE, ATTRIBUTES.queueTaskState], 'interval')
    .filter(({ labels }) => labelOf({ labels }, ATTRIBUTES.queueTaskState) === 'added');
  return new Map(added.map((it) => [keyOf(it), it.value / elapsedS]));
}

// How many at once would do; of tasks that come in no faster than they are run, more would only empty what has piled up.
function enough(capacity: number, runS: number, arrivals: number | undefined): string {
  if (arrivals === undefined) return '';
  const needed = workersNeeded({ arrivalsPerS: arrivals, runS, targetWaitS: runS });
  return needed > capacity ? `; with ${figure(needed)} at once they would wait no longer than a run on average` : '';
}

/** Queues with very many tasks. */
export function deepQueues(figures: Figures): Problem[] {
  const metric = figures.nameOf(METRICS.queueDepth);
  const bound = bounds.QUEUE_DEPTH;
  return figures
    .gauges(METRICS.queueDepth, BY_QUEUE)
    .filter(({ value }) => value > bound)
    .map(({ labels, value }) => ({
      severity: 'warning',
      rule: 'queue-depth',
      subject: queueOf({ labels }),
      sentence: `${counted(value, 'task')} wait in ${queueOf({ labels })} (${metric} ${figure(value)}, bound ${figure(bound)}).`,
      metric,
      value,
      bound,
      labels,
      period: 'now',
    }));
}

function queueOf(of: { readonly labels: Readonly<Record<string, string>> }): string {
  return `queue ${printable(labelOf(of, ATTRIBUTES.queueName))}`;
}

function keyOf({ labels }: { readonly labels: Readonly<Record<string, string>> }): string {
  return JSON.stringify(BY_QUEUE.map((attribute) => labelOf({ labels }, attribute)));
}

function byQueue(gauges: readonly Figure[]): Map<string, number> {
  return new Map(gauges.map((gauge) => [keyOf(gauge), gauge.value]));
}
