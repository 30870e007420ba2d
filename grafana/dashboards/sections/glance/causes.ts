// The loop, garbage collection, the CPU, a queue, or something that is called: what is beyond its limits, and since when.
import { METRICS } from '../../../../src/metric-names.js';
import {
  BLOCKED_S,
  ERROR_SHARE_CRITICAL,
  GC_SHARE,
  HEAP_SHARE,
  HTTP_ERROR_SHARE,
  LAG_P99_CRITICAL_S,
  LAG_P99_S,
  QUEUE_OLDEST_AGE_CRITICAL_S,
  QUEUE_OLDEST_AGE_S,
  THROTTLED_SHARE,
} from '../../../../src/status/thresholds.js';
import { BY_LOOP } from '../../labels.js';
import type { Placeable } from '../../layout.js';
import { type Row, stateTimeline } from '../../panels/state-timeline.js';
import { aggregate, type Queries } from '../../queries.js';

/** Times as slow as before. */
const SLOWER = { warning: 2, critical: 5 };
/** Slower than before does not matter below this, in seconds. */
const SLOW_S = 0.1;
/** Without a before, this is what requests are held against, in seconds. */
const USUAL_S = 0.5;

export function causes(queries: Queries): Placeable {
  const { errorShare, has, quantile, rate, series } = queries;
  const lag = aggregate('max', [], quantile(0.99, METRICS.eventLoopLag, BY_LOOP));
  const slower = slowerThanBefore(queries);
  const used = aggregate('sum', BY_LOOP, series(METRICS.heapUsed));
  const limit = aggregate('sum', BY_LOOP, series(METRICS.heapLimit));
  const blocked: readonly Row[] = has(METRICS.eventLoopBlocked)
    ? [
        {
          title: 'Loop blocked',
          unit: 's',
          expr: aggregate('max', [], series(METRICS.eventLoopBlocked)),
          limits: { warning: BLOCKED_S, critical: 5 },
        },
      ]
    : [];
  return stateTimeline({
    id: 107,
    title: 'What is wrong, and since when',
    description:
      'Each row is a figure of the worst instance, and has its colour from when on it deserves a look (orange) and hurts (vermillion). Begins at a marker: that deploy or restart. Lag with garbage collection, throttling or a full heap: those. Lag alone: code that blocks, see the culprit. "Slower than before": than an hour or a day ago, at p99. "Slow, loop free": something that requests call or wait for.',
    rows: [
      {
        title: 'Requests fail',
        unit: 'percentunit',
        expr: errorShare(METRICS.httpServerRequestDuration, []),
        limits: { warning: HTTP_ERROR_SHARE, critical: ERROR_SHARE_CRITICAL },
      },
      { title: 'Slower than before', unit: 'prefix:×', expr: slower, limits: SLOWER },
      {
        title: 'Loop lag',
        unit: 's',
        expr: lag,
        limits: { warning: LAG_P99_S, critical: LAG_P99_CRITICAL_S },
      },
      ...blocked,
      {
        title: 'Garbage collection',
        unit: 'percentunit',
        expr: aggregate('max', [], aggregate('sum', BY_LOOP, rate(METRICS.gcDuration, [], '_sum'))),
        limits: { warning: GC_SHARE, critical: 0.3 },
      },
      {
        title: 'CPU throttled',
        unit: 'percentunit',
        expr: aggregate('max', [], rate(METRICS.cgroupThrottledTime)),
        limits: { warning: THROTTLED_SHARE, critical: 0.25 },
      },
      {
        title: 'Heap full',
        unit: 'percentunit',
        expr: aggregate('max', [], `${used} / ${limit}`),
        limits: { warning: HEAP_SHARE, critical: 0.97 },
      },
      {
        title: 'Queues wait',
        unit: 's',
        expr: aggregate('max', [], series(METRICS.queueOldestAge)),
        limits: { warning: QUEUE_OLDEST_AGE_S, critical: QUEUE_OLDEST_AGE_CRITICAL_S },
      },
      {
        title: 'Slow, loop free',
        unit: 'prefix:×',
        expr: `${slower} * (${lag} <= bool ${LAG_P99_S})`,
        limits: SLOWER,
      },
    ],
  });
}

/**
 * The 99th percentile of requests by that of an hour or of a day before, whichever was lower: trouble that goes on for hours
 * stays trouble. 0 where requests are fast anyway.
 */
function slowerThanBefore({ quantile, quantileOver }: Queries): string {
  const http = METRICS.httpServerRequestDuration;
  const now = quantile(0.99, http, []);
  const [hourBefore, dayBefore] = ['1h', '1d'].map(
    (offset) => `${quantileOver(0.99, http, [], { range: '10m', offset })} > 0`,
  );
  // A label keeps the two apart, or one of them would be dropped.
  const before = `min(${hourBefore} or label_replace(${dayBefore}, "before", "1d", "", ""))`;
  return `${now} / (${before} or ${now} * 0 + ${USUAL_S}) * (${now} > bool ${SLOW_S})`;
}
