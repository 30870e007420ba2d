// Single cases beside the table: what else makes an alert fire, and when it ceases to.
import { METRICS } from '../../../src/metric-names.js';
import { HOURS, lag, PROCESS, stallDurations, stallTime, versions } from './case-series.js';
import type { InputSeries, Labels, SeriesBuilder } from './input-series.js';

export interface FurtherCase {
  readonly alert: string;
  readonly title: string;
  readonly series: (build: SeriesBuilder) => readonly InputSeries[];
  readonly at: number;
  /** What it fires with; without, it must not fire. */
  readonly fires?: { readonly labels: Labels; readonly summary: string };
  /** Whether only our own endpoint has these metrics. */
  readonly onlyOurs?: boolean;
}

const BLOCKED_UNTIL_10: FurtherCase['series'] = (build) => [
  build.series(build.set.nameOf(METRICS.eventLoopBlocked), { thread_name: 'main' }, '42x10 0x300'),
];

export const FURTHER_CASES: readonly FurtherCase[] = [
  {
    alert: 'LoopsightStarved',
    title: 'stalled for most of the time, though p99 is below the bound',
    series: (build) => [...lag(build, 'main', 0.5, '0.5'), stallTime(build, 'main', 0.6)],
    at: 4,
    fires: {
      labels: PROCESS,
      summary:
        'The event loop of web-1:9464 of shop is starved: one arrival in a hundred waits 495ms, mostly in deriveKey (src/keys.ts).',
    },
  },
  {
    alert: 'LoopsightBlockedLong',
    title: 'one process of a group',
    series: (build) => [
      build.gauge(METRICS.eventLoopBlocked, 42, { thread_name: 'main', process: 'worker-1' }),
      build.gauge(METRICS.eventLoopBlocked, 0, { thread_name: 'main', process: 'worker-2' }),
    ],
    at: 3,
    fires: {
      labels: { ...PROCESS, process: 'worker-1' },
      summary: 'The event loop of web-1:9464 (process worker-1) of shop has not turned for 42s: it answers nobody.',
    },
    onlyOurs: true,
  },
  {
    alert: 'LoopsightBlockedLong',
    title: 'fires on for a while',
    series: BLOCKED_UNTIL_10,
    at: 14,
    fires: {
      labels: PROCESS,
      summary: 'The event loop of web-1:9464 of shop has not turned for 42s: it answers nobody.',
    },
    onlyOurs: true,
  },
  {
    alert: 'LoopsightBlockedLong',
    title: 'and ceases to',
    series: BLOCKED_UNTIL_10,
    at: 17,
    onlyOurs: true,
  },
  {
    alert: 'LoopsightBlocked',
    title: 'no scrape has met the block',
    series: (build) => [
      build.gauge(METRICS.eventLoopBlocked, 0, { thread_name: 'main' }),
      ...stallDurations(build, 'main', '10'),
    ],
    at: 12,
    fires: { labels: PROCESS, summary: 'The event loop of web-1:9464 of shop stood still for about 10s.' },
  },
  {
    alert: 'LoopsightQueueBacklog',
    title: 'a short queue that nobody empties',
    series: (build) => {
      const queue = { queue_name: 'mail', queue_type: 'p-queue' };
      return [
        build.series(build.set.nameOf(METRICS.queueOldestAge), queue, '0+60x300'),
        build.gauge(METRICS.queueDepth, 3, queue),
      ];
    },
    at: 10,
    fires: {
      labels: { job: 'shop', queue_name: 'mail' },
      summary: 'The oldest task in queue mail of shop has waited for 10m 0s, and the queue grows.',
    },
  },
  {
    alert: 'LoopsightBudgetBurnsFast',
    title: 'six times too fast over hours',
    series: (build) => lag(build, 'main', 0.008, '0.25'),
    at: 70,
    fires: {
      labels: { job: 'shop' },
      summary: 'In shop 0.8% of the moments had more than 0.1 s of lag; 0.1 % is allowed.',
    },
  },
  {
    alert: 'LoopsightRegression',
    title: 'beside the version before, and only against that',
    series: (build) =>
      versions(build, [
        { version: '1.4.2', fromMinute: 0, toMinute: 160, perS: 10, active: 0.1 },
        { version: '1.5.0', ...HOURS.second, perS: 1, active: 0.02 },
      ]),
    at: 100,
    fires: {
      labels: { job: 'shop', service_version: '1.5.0' },
      summary: 'Version 1.5.0 of shop takes 2.00 times the event loop per request that 1.4.2 took.',
    },
  },
  {
    alert: 'LoopsightRegression',
    title: 'rolled back',
    series: (build) =>
      versions(build, [
        { version: '1.5.0', fromMinute: 0, toMinute: 60, perS: 10, active: 0.2 },
        { version: '1.4.2', ...HOURS.second, perS: 10, active: 0.1 },
      ]),
    at: 100,
  },
];
