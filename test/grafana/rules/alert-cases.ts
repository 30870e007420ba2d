// For every alert, the series that it fires for, and how they change where it must not.
import { METRICS } from '../../../src/metric-names.js';
import {
  at,
  connections,
  HOURS,
  KEYS,
  type Knobs,
  lag,
  loopTime,
  PROCESS,
  stallDurations,
  stallTime,
  versions,
} from './case-series.js';
import type { InputSeries, Labels, SeriesBuilder } from './input-series.js';

export interface AlertCase {
  readonly alert: string;
  readonly series: (build: SeriesBuilder, knobs: Knobs) => readonly InputSeries[];
  /** When it fires, and until when it does not yet, in minutes; without `early` it fires from the first value on. */
  readonly at: number;
  readonly early?: number;
  readonly labels: Labels;
  readonly summary: string;
  /** Series of their own for which it must not fire, by what they are. */
  readonly silent?: Readonly<Record<string, (build: SeriesBuilder) => readonly InputSeries[]>>;
}

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'LoopsightStarved',
    series: (build, knobs) => [
      ...lag(build, knobs.thread, 0.5, at(knobs, 1, 0.5).toString()),
      stallTime(build, knobs.thread, at(knobs, 0.6, 0.4)),
    ],
    at: 4,
    early: 1,
    labels: PROCESS,
    summary:
      'The event loop of web-1:9464 of shop is starved: one arrival in a hundred waits 990ms, mostly in deriveKey (src/keys.ts).',
    silent: {
      'a debugger holds the loop': (build) => [
        ...lag(build, 'main', 0.5, '0.25'),
        stallTime(build, 'main', 0.9, { loopsight_stall_cause: 'debugger' }),
      ],
      'there are too few probes': (build) => lag(build, 'main', 0.5, '1', 0.5),
    },
  },
  {
    alert: 'LoopsightBlockedLong',
    series: (build, knobs) => [build.gauge(METRICS.eventLoopBlocked, at(knobs, 42, 29), { thread_name: knobs.thread })],
    at: 12,
    labels: PROCESS,
    summary: 'The event loop of web-1:9464 of shop has not turned for 42s: it answers nobody.',
  },
  {
    alert: 'LoopsightBlocked',
    series: (build, knobs) => [
      build.gauge(METRICS.eventLoopBlocked, at(knobs, 10, 4), { thread_name: knobs.thread }),
      ...stallDurations(build, knobs.thread, at(knobs, 10, 5).toString()),
    ],
    at: 12,
    labels: PROCESS,
    summary: 'The event loop of web-1:9464 of shop stood still for about 10s.',
    silent: {
      'a debugger held it': (build) => stallDurations(build, 'main', '30', 'debugger'),
    },
  },
  {
    alert: 'LoopsightLagHigh',
    series: (build, knobs) => lag(build, knobs.thread, 0.5, at(knobs, 0.25, 0.1).toString()),
    at: 20,
    early: 9,
    labels: PROCESS,
    summary: 'One arrival in a hundred waits 247ms for the event loop of web-1:9464 of shop.',
    silent: { 'there are too few probes': (build) => lag(build, 'main', 0.5, '0.25', 0.2) },
  },
  {
    alert: 'LoopsightUtilizationHigh',
    series: (build, knobs) => loopTime(build, knobs.thread, at(knobs, 0.95, 0.85)),
    at: 25,
    early: 14,
    labels: PROCESS,
    summary: 'The event loop of web-1:9464 of shop is active for 95% of the time.',
  },
  {
    alert: 'LoopsightStalls',
    series: (build, knobs) => [
      stallTime(build, knobs.thread, at(knobs, 0.08, 0.03)),
      stallTime(build, knobs.thread, 0.01, { ...KEYS, code_function_name: 'render', code_file_path: 'src/html.ts' }),
    ],
    at: 20,
    early: 9,
    labels: PROCESS,
    summary: 'The event loop of web-1:9464 of shop stands still for 9% of the time, mostly in deriveKey (src/keys.ts).',
    silent: {
      'no code is to blame': (build) => [
        stallTime(build, 'main', 0.5, { loopsight_stall_cause: 'gc' }),
        stallTime(build, 'main', 0.4, { loopsight_stall_cause: 'descheduled' }),
      ],
    },
  },
  {
    alert: 'LoopsightSpinning',
    series: (build, knobs) => [
      build.counter(METRICS.spinTime, at(knobs, 0.8, 0.4), {
        thread_name: knobs.thread,
        code_function_name: 'poll',
        code_file_path: 'src/poll.ts',
      }),
    ],
    at: 20,
    early: 9,
    labels: PROCESS,
    summary:
      'The event loop of web-1:9464 of shop turns without anything to handle for 80% of the time, mostly in poll (src/poll.ts).',
  },
  {
    alert: 'LoopsightGarbageCollection',
    series: (build, knobs) => [
      build.counter(
        METRICS.gcDuration,
        at(knobs, 0.2, 0.08),
        { thread_name: knobs.thread, v8js_gc_type: 'major' },
        '_sum',
      ),
    ],
    at: 20,
    early: 9,
    labels: PROCESS,
    summary: "Garbage collection takes 20% of the main thread's time in web-1:9464 of shop.",
  },
  {
    alert: 'LoopsightCpuThrottled',
    series: (build, knobs) => [build.counter(METRICS.cgroupThrottledTime, at(knobs, 0.15, 0.04))],
    at: 25,
    early: 14,
    labels: PROCESS,
    summary: 'The CPU quota keeps web-1:9464 of shop from the CPU for 15% of the time.',
  },
  {
    alert: 'LoopsightQueueBacklog',
    series: (build, knobs) => {
      const queue = { queue_name: 'mail', queue_type: 'p-queue' };
      return [
        build.gauge(METRICS.queueOldestAge, at(knobs, 90, 50), queue),
        build.series(build.set.nameOf(METRICS.queueDepth), queue, '100+10x300'),
      ];
    },
    at: 12,
    early: 4,
    labels: { job: 'shop', queue_name: 'mail' },
    summary: 'The oldest task in queue mail of shop has waited for 1m 30s, and the queue grows.',
    silent: {
      'it is old, and becomes shorter': (build) => {
        const queue = { queue_name: 'mail', queue_type: 'p-queue' };
        return [
          build.gauge(METRICS.queueOldestAge, 90, queue),
          build.series(build.set.nameOf(METRICS.queueDepth), queue, '5000-10x300'),
        ];
      },
    },
  },
  {
    alert: 'LoopsightPoolSaturated',
    series: (build, knobs) => {
      const pool = { queue_name: 'render', queue_type: 'piscina' };
      return [
        build.gauge(METRICS.queueRunning, at(knobs, 8, 7), pool),
        build.gauge(METRICS.queueCapacity, 8, pool),
        ...build.histogram(METRICS.queueWaitDuration, { 2.5: 3 }, pool),
      ];
    },
    at: 20,
    early: 9,
    labels: { job: 'shop', queue_name: 'render' },
    summary: '100% of the slots of render of shop are taken, and tasks wait for one.',
    silent: {
      'it is full, and nobody waits for long': (build) => {
        const pool = { queue_name: 'render', queue_type: 'piscina' };
        return [
          build.gauge(METRICS.queueRunning, 8, pool),
          build.gauge(METRICS.queueCapacity, 8, pool),
          ...build.histogram(METRICS.queueWaitDuration, { 0.5: 3 }, pool),
        ];
      },
    },
  },
  {
    alert: 'LoopsightConnectionPoolSaturated',
    series: (build, knobs) => connections(build, at(knobs, 10, 9), 4),
    at: 12,
    early: 4,
    labels: { job: 'shop', db_client_connection_pool_name: 'orders' },
    summary: '100% of the connections of pool orders of shop are taken, and requests wait for one.',
    silent: { 'it is full, and nobody waits': (build) => connections(build, 10, 0) },
  },
  {
    alert: 'LoopsightWorkersSaturated',
    series: (build, knobs) => loopTime(build, 'renderer', at(knobs, 0.99, 0.9)),
    at: 25,
    early: 14,
    labels: { job: 'shop', thread_name: 'renderer' },
    summary: 'The worker threads renderer of shop are busy for 99% of the time.',
    silent: {
      'it is the main thread': (build) => loopTime(build, 'main', 0.99),
      // An application's own SDK does not tell who waits.
      'one of them waits for work': (build) =>
        build.set.has(METRICS.workerStates)
          ? [
              ...loopTime(build, 'renderer', 0.99),
              build.gauge(METRICS.workerStates, 1, { thread_name: 'renderer', worker_state: 'waiting' }),
            ]
          : loopTime(build, 'renderer', 0.5),
    },
  },
  {
    alert: 'LoopsightThreadPoolSaturated',
    series: (build, knobs) =>
      build.histogram(METRICS.threadPoolWait, { [at(knobs, 0.25, 0.1)]: 2 }, { threadpool_lane: 'default' }),
    at: 20,
    early: 9,
    labels: { ...PROCESS, threadpool_lane: 'default' },
    summary:
      'One file, DNS, crypto or zlib task in a hundred waits 248.5ms for a thread in web-1:9464 of shop (lane default).',
  },
  {
    alert: 'LoopsightLockHeld',
    series: (build, knobs) => [
      ...build.histogram(METRICS.lockHoldDuration, { [at(knobs, 5, 2.5)]: 0.1 }, { lock_name: 'ledger' }),
      ...build.histogram(METRICS.lockWaitDuration, { 2.5: 0.1 }, { lock_name: 'ledger' }),
    ],
    at: 10,
    labels: { job: 'shop', lock_name: 'ledger' },
    summary: 'Lock ledger of shop was held for up to 5s.',
    silent: {
      'nobody has held it since': (build) => {
        const name = build.set.nameOf(METRICS.lockHoldDuration, '_bucket');
        return [
          ...['2.5', '5', '+Inf'].map((le) =>
            build.series(name, { lock_name: 'ledger', le }, le === '2.5' ? '0x300' : '3x300'),
          ),
          ...build.histogram(METRICS.lockWaitDuration, { 2.5: 0.1 }, { lock_name: 'ledger' }),
        ];
      },
      'nobody waits for it': (build) => [
        ...build.histogram(METRICS.lockHoldDuration, { 30: 0.1 }, { lock_name: 'leader' }),
        ...build.histogram(METRICS.lockWaitDuration, { 0.001: 0.1 }, { lock_name: 'leader' }),
        build.gauge(METRICS.lockLongestHold, 900, { lock_name: 'leader' }),
        build.gauge(METRICS.lockWaiters, 0, { lock_name: 'leader' }),
      ],
      'others of its name are waited for': (build) => [
        build.gauge(METRICS.lockLongestHold, 900, { lock_name: 'users' }),
        build.gauge(METRICS.lockWaiters, 2, { lock_name: 'users' }),
      ],
    },
  },
  {
    alert: 'LoopsightTelemetryMissing',
    series: (build, { level }) => [
      build.series('up', {}, '1x300'),
      build.series(
        build.set.nameOf(METRICS.eventLoopLag, '_count'),
        { thread_name: 'main' },
        level === 'above' ? '1x10 stale' : '1x300',
      ),
    ],
    at: 25,
    early: 15,
    labels: { job: 'shop' },
    summary: 'Nothing is known of the event loops of shop: its metrics are missing.',
    silent: {
      'the job never had any': (build) => [build.series('up', {}, '1x300')],
    },
  },
  {
    alert: 'LoopsightTelemetryOld',
    series: (build, knobs) => [build.gauge(METRICS.selfSnapshotAge, at(knobs, 90, 50))],
    at: 8,
    early: 4,
    labels: PROCESS,
    summary: 'The figures of web-1:9464 of shop are 1m 30s old.',
  },
  {
    alert: 'LoopsightTargetDown',
    series: (build, { level }) => [
      build.series('up', {}, level === 'above' ? '1x10 0x300' : '1x300'),
      build.series(build.set.nameOf(METRICS.eventLoopLag, '_count'), { thread_name: 'main' }, '1x10 stale'),
    ],
    at: 20,
    early: 14,
    labels: { job: 'shop' },
    summary: 'Prometheus cannot scrape 1 of the targets of shop.',
    silent: { 'the job is none of ours': (build) => [build.series('up', {}, '1x10 0x300')] },
  },
  {
    alert: 'LoopsightBudgetBurnsFast',
    series: (build, knobs) => lag(build, knobs.thread, at(knobs, 0.02, 0.005), '0.25'),
    at: 70,
    labels: { job: 'shop' },
    summary: 'In shop 2% of the moments had more than 0.1 s of lag; 0.1 % is allowed.',
    silent: {
      'it is over': (build) => {
        const burst = (each: number, burstEach: number) => `0+${burstEach}x30 ${burstEach * 30 + each}+${each}x300`;
        const name = (suffix: '_bucket' | '_count') => build.set.nameOf(METRICS.eventLoopLag, suffix);
        const main = { thread_name: 'main' };
        return [
          build.series(name('_count'), main, burst(1200, 1200)),
          build.series(name('_bucket'), { ...main, le: '0.1' }, burst(1200, 1100)),
        ];
      },
    },
  },
  {
    alert: 'LoopsightBudgetBurns',
    series: (build, knobs) => lag(build, knobs.thread, at(knobs, 0.0045, 0.0009), '0.25'),
    at: 45,
    early: 14,
    labels: { job: 'shop' },
    summary: 'Over a day or more, 0.45% of the moments of shop had more than 0.1 s of lag; 0.1 % is allowed.',
    silent: {
      'somebody was paged for it': (build) => [
        ...lag(build, 'main', 0.0045, '0.25'),
        build.series('ALERTS', { alertname: 'LoopsightStarved', alertstate: 'firing', severity: 'page' }, '1x10 stale'),
      ],
    },
  },
  {
    alert: 'LoopsightRegression',
    series: (build, knobs) =>
      versions(build, [
        { version: '1.4.2', ...HOURS.first, perS: 10, active: 0.1 },
        { version: '1.5.0', ...HOURS.second, perS: 20, active: at(knobs, 0.3, 0.24) },
      ]),
    at: 100,
    early: 80,
    labels: { job: 'shop', service_version: '1.5.0' },
    summary: 'Version 1.5.0 of shop takes 1.50 times the event loop per request that 1.4.2 took.',
    silent: {
      'there is little traffic': (build) =>
        versions(build, [
          { version: '1.4.2', ...HOURS.first, perS: 0.1, active: 0.001 },
          { version: '1.5.0', ...HOURS.second, perS: 0.1, active: 0.003 },
        ]),
      'the version before is as slow at the same time': (build) =>
        versions(build, [
          { version: '1.4.2', fromMinute: 0, toMinute: 160, perS: 10, active: 0.3 },
          { version: '1.5.0', ...HOURS.second, perS: 10, active: 0.3 },
        ]),
    },
  },
  {
    alert: 'LoopsightPaged',
    series: (build, { level }) => [
      build.series(
        'ALERTS',
        { alertname: 'LoopsightStarved', alertstate: level === 'above' ? 'firing' : 'pending', severity: 'page' },
        '1x10 stale',
      ),
    ],
    at: 50,
    labels: { job: 'shop', page: 'LoopsightStarved' },
    summary: 'Tickets of shop are quiet, because LoopsightStarved was paged for a short while ago.',
    silent: {
      'it was a ticket': (build) => [
        build.series('ALERTS', { alertname: 'LoopsightStalls', alertstate: 'firing', severity: 'ticket' }, '1x300'),
      ],
      'it is long ago': (build) => [
        build.series('ALERTS', { alertname: 'LoopsightStarved', alertstate: 'firing', severity: 'page' }, '1x3 stale'),
      ],
    },
  },
];
