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

const MAIN = { thread_name: 'main' };
/** Nothing at first, then stalls of up to ten seconds whose series begin with the first of them, as processes make them. */
const FIRST_STALL = '_x10 1x300';
const firstStall: FurtherCase['series'] = (build) => {
  const name = (suffix: '_bucket' | '_count') => build.set.nameOf(METRICS.stallDuration, suffix);
  const labels = { ...MAIN, loopsight_stall_cause: 'javascript' };
  return [
    ...['5', '10', '+Inf'].map((le) =>
      build.series(name('_bucket'), { ...labels, le }, le === '5' ? '_x10 0x300' : FIRST_STALL),
    ),
    build.series(name('_count'), labels, FIRST_STALL),
  ];
};
/** Series of lag, by which a process is known, from a minute on. */
const known = (build: SeriesBuilder, values: string) =>
  build.series(build.set.nameOf(METRICS.eventLoopLag, '_count'), MAIN, values);

/** One process whose slots or connections are all taken, and another one that has nothing to do. */
const ONE_OF_TWO: FurtherCase['series'] = (build) =>
  ['web-1:9464', 'web-2:9464'].flatMap((instance, index) => {
    const queue = { instance, queue_name: 'render', queue_type: 'piscina' };
    const pool = { instance, db_client_connection_pool_name: 'orders' };
    const used = { ...pool, db_client_connection_state: 'used' };
    const isFull = index === 0;
    return [
      build.gauge(METRICS.queueRunning, isFull ? 8 : 0, queue),
      build.gauge(METRICS.queueCapacity, 8, queue),
      ...build.histogram(METRICS.queueWaitDuration, isFull ? { 2.5: 3 } : { 0.001: 3 }, queue),
      build.gauge(METRICS.dbClientConnectionCount, isFull ? 10 : 0, used),
      build.gauge(METRICS.dbClientConnectionLimit, 10, pool),
      build.gauge(METRICS.dbClientConnectionPendingRequests, isFull ? 4 : 0, pool),
    ];
  });

export const FURTHER_CASES: readonly FurtherCase[] = [
  {
    alert: 'LoopsightPoolSaturated',
    title: 'one process of two',
    series: ONE_OF_TWO,
    at: 20,
    fires: {
      labels: { job: 'shop', queue_name: 'render' },
      summary: '100% of the slots of render of shop are taken, and tasks wait for one.',
    },
  },
  {
    alert: 'LoopsightConnectionPoolSaturated',
    title: 'one process of two',
    series: ONE_OF_TWO,
    at: 12,
    fires: {
      labels: { job: 'shop', db_client_connection_pool_name: 'orders' },
      summary: '100% of the connections of pool orders of shop are taken, and requests wait for one.',
    },
  },
  {
    alert: 'LoopsightLockHeld',
    title: 'a lock that is never given back',
    series: (build) => [
      build.gauge(METRICS.lockLongestHold, 900, { lock_name: 'ledger' }),
      build.gauge(METRICS.lockWaiters, 2, { lock_name: 'ledger' }),
      build.series(
        build.set.nameOf(METRICS.lockLongHolds),
        { lock_name: 'ledger', code_function_name: 'audit' },
        '1x300',
      ),
    ],
    at: 10,
    fires: {
      labels: { job: 'shop', lock_name: 'ledger' },
      summary: 'Lock ledger of shop was held for up to 15m 0s.',
    },
  },
  {
    alert: 'LoopsightThreadPoolSaturated',
    title: 'threads that never come back',
    series: (build) => [
      build.gauge(METRICS.threadPoolOldestAge, 600, { threadpool_lane: 'default' }),
      ...build.histogram(METRICS.threadPoolWait, { 0.1: 0 }, { threadpool_lane: 'default' }),
    ],
    at: 20,
    fires: {
      labels: { ...PROCESS, threadpool_lane: 'default' },
      summary:
        'One file, DNS, crypto or zlib task in a hundred waits 10m 0s for a thread in web-1:9464 of shop (lane default).',
    },
    onlyOurs: true,
  },
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
    alert: 'LoopsightBlocked',
    title: 'the first stall of its cause, which no scrape has met',
    series: (build) => [known(build, '0+1200x310'), ...firstStall(build)],
    at: 12,
    fires: { labels: PROCESS, summary: 'The event loop of web-1:9464 of shop stood still for about 10s.' },
  },
  {
    alert: 'LoopsightBlocked',
    title: 'the first stall of a process that has just been started',
    series: (build) => [
      known(build, '_x10 0+1200x300'),
      build.series(build.set.nameOf(METRICS.processUptime), {}, '_x10 20+60x300'),
      ...firstStall(build),
    ],
    at: 12,
    fires: { labels: PROCESS, summary: 'The event loop of web-1:9464 of shop stood still for about 10s.' },
  },
  {
    alert: 'LoopsightBlocked',
    title: 'the first stall is over',
    series: (build) => [known(build, '0+1200x310'), ...firstStall(build)],
    at: 27,
  },
  {
    alert: 'LoopsightBlocked',
    title: 'Prometheus sees the process for the first time, and its stall was before',
    series: (build) => [
      known(build, '_x10 0+1200x300'),
      build.series(build.set.nameOf(METRICS.processUptime), {}, '_x10 3000+60x300'),
      ...firstStall(build),
    ],
    at: 12,
  },
  {
    alert: 'LoopsightStarved',
    title: 'stalled in a function that never stalled before, while others of the job and a worker stall as well',
    series: (build) => {
      const name = build.set.nameOf(METRICS.stallTime);
      const of = (labels: Labels, values: string) =>
        build.series(
          name,
          { ...MAIN, loopsight_stall_cause: 'javascript', code_file_path: 'src/a.ts', ...labels },
          values,
        );
      return [
        ...lag(build, 'main', 0.5, '1'),
        of({ code_function_name: 'first' }, '_x3 50x300'),
        of({ code_function_name: 'usual' }, '0+1x300'),
        of({ code_function_name: 'ofWorker', thread_name: 'renderer' }, '0+50x300'),
        of({ code_function_name: 'ofOther', instance: 'web-2:9464' }, '0+50x300'),
        of({ code_function_name: 'ofMember', process: 'worker-1' }, '0+50x300'),
      ];
    },
    at: 4,
    fires: {
      labels: PROCESS,
      summary:
        'The event loop of web-1:9464 of shop is starved: one arrival in a hundred waits 990ms, mostly in first (src/a.ts).',
    },
  },
  {
    alert: 'LoopsightQueueBacklog',
    title: 'it is old in one process and becomes younger there, and young in another and grows there',
    series: (build) => {
      const queue = (instance: string) => ({ queue_name: 'mail', queue_type: 'p-queue', instance });
      const [age, depth] = [METRICS.queueOldestAge, METRICS.queueDepth].map((metric) => build.set.nameOf(metric));
      return [
        build.series(age ?? '', queue('web-1:9464'), '400-1x300'),
        build.series(depth ?? '', queue('web-1:9464'), '5000-10x300'),
        build.series(age ?? '', queue('web-2:9464'), '0+1x50 0x300'),
        build.series(depth ?? '', queue('web-2:9464'), '0+20x300'),
      ];
    },
    at: 12,
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
