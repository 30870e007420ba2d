// Alerts of what work waits in: queues, pools and their workers.
import { METRICS, type MetricDefinition } from '../../src/metric-names.js';
import { MINUTE_S } from '../rules/durations.js';
import { longest } from '../rules/growth.js';
import { type Expressions, LABELS } from '../rules/promql.js';
import { type Alert, PERCENT, TIME } from './alert.js';

const WINDOW_S = 5 * MINUTE_S;
/** Growth is a trend, and a burst is none. */
const TREND_S = 10 * MINUTE_S;
const QUEUE = [LABELS.queue];
const POOL = [LABELS.pool];

export const QUEUE_ALERTS: readonly Alert[] = [
  {
    name: 'LoopsightQueueBacklog',
    severity: 'ticket',
    needs: [METRICS.queueOldestAge, METRICS.queueDepth],
    // The depth of a full queue stays what it is, and the age of a short one that nobody empties rises: either is growth,
    // in the process where it is old.
    expr: (e) => {
      const own = [...e.processLabels, ...QUEUE];
      const old = `${e.by('max', own, e.series(METRICS.queueOldestAge))} > ${e.options.queueOldestAgeS}`;
      const older = `${e.by('max', own, e.over('deriv', METRICS.queueOldestAge, TREND_S))} > 0`;
      const longer = `${e.by('sum', own, e.over('deriv', METRICS.queueDepth, TREND_S))} > 0`;
      return e.by('max', QUEUE, `\n  ${old}\n  and on (${e.labels(...own)}) (${older}\n    or ${longer})\n`);
    },
    forS: 5 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () =>
      `The oldest task in queue {{ $labels.${LABELS.queue} }} of {{ $labels.job }} has waited for ${TIME}, and the queue grows.`,
    description:
      'See whether more is added than before or less is worked off; add consumers, shed load, or bound the queue.',
    panel: 'queueAge',
    runbook: 'queue-backlog',
  },
  {
    name: 'LoopsightPoolSaturated',
    severity: 'ticket',
    needs: [METRICS.queueRunning, METRICS.queueCapacity, METRICS.queueWaitDuration],
    expr: (e) => `${sum(e, METRICS.queueRunning, QUEUE)}
/ on (${e.labels(...QUEUE)}) ${sum(e, METRICS.queueCapacity, QUEUE)} >= ${e.options.poolShare}
and on (${e.labels(...QUEUE)}) ${e.quantile(0.99, METRICS.queueWaitDuration, WINDOW_S, QUEUE)} > ${e.options.poolWaitS}`,
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () =>
      `${PERCENT} of the slots of {{ $labels.${LABELS.queue} }} of {{ $labels.job }} are taken, and tasks wait for one.`,
    description:
      'See whether tasks take longer than before or more of them come; then add workers, or make the tasks shorter.',
    panel: 'queueSaturation',
    runbook: 'pool-saturated',
  },
  {
    name: 'LoopsightConnectionPoolSaturated',
    severity: 'ticket',
    needs: [
      METRICS.dbClientConnectionCount,
      METRICS.dbClientConnectionLimit,
      METRICS.dbClientConnectionPendingRequests,
    ],
    expr: (e) => {
      const used = e.series(METRICS.dbClientConnectionCount, { matchers: [`${LABELS.connectionState}="used"`] });
      return `${e.by('sum', POOL, used)}
/ on (${e.labels(...POOL)}) ${sum(e, METRICS.dbClientConnectionLimit, POOL)} >= ${e.options.poolShare}
and on (${e.labels(...POOL)}) ${sum(e, METRICS.dbClientConnectionPendingRequests, POOL)} > 0`;
    },
    forS: 5 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () =>
      `${PERCENT} of the connections of pool {{ $labels.${LABELS.pool} }} of {{ $labels.job }} are taken, and requests wait for one.`,
    description: 'Look for slow statements and connections that are not given back before you make the pool larger.',
    panel: 'connectionsInUse',
    runbook: 'connection-pool-saturated',
  },
  {
    name: 'LoopsightWorkersSaturated',
    severity: 'ticket',
    needs: [METRICS.eventLoopTime],
    expr: (e) => {
      const workers = `${LABELS.thread}!="main"`;
      const time = (matchers: readonly string[]) =>
        e.by(
          'sum',
          [LABELS.thread],
          e.over('rate', METRICS.eventLoopTime, WINDOW_S, { matchers: [workers, ...matchers] }),
        );
      const active = time([`${LABELS.loopState}="active"`]);
      const busy = `${active}\n/ on (${e.labels(LABELS.thread)}) ${time([])} > ${e.options.workerUtilization}`;
      if (!e.set.has(METRICS.workerStates)) return busy;
      // The loop of a worker that waits for its next task in Atomics.wait does not sleep.
      const waiting = e.series(METRICS.workerStates, { matchers: [`${LABELS.workerState}="waiting"`] });
      return `${busy}\nunless on (${e.labels(LABELS.thread)}) ${e.by('sum', [LABELS.thread], waiting)} > 0`;
    },
    forS: 15 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () =>
      `The worker threads {{ $labels.${LABELS.thread} }} of {{ $labels.job }} are busy for ${PERCENT} of the time.`,
    description: 'There is no worker left for a burst: add workers while there are CPUs for them, otherwise instances.',
    panel: 'workers',
    runbook: 'workers-saturated',
  },
  {
    name: 'LoopsightThreadPoolSaturated',
    severity: 'ticket',
    needs: [METRICS.threadPoolWait],
    expr: (e) =>
      `${e.quantile(0.99, METRICS.threadPoolWait, WINDOW_S, [...e.processLabels, LABELS.lane])} > ${e.options.threadPoolWaitS}`,
    forS: 10 * MINUTE_S,
    keepFiringS: 5 * MINUTE_S,
    summary: () =>
      `One file, DNS, crypto or zlib task in a hundred waits ${TIME} for a thread in {{ $labels.instance }} of {{ $labels.job }} (lane {{ $labels.${LABELS.lane} }}).`,
    description:
      "libuv's thread pool has too few threads for what is asked of it: set UV_THREADPOOL_SIZE, or ask for less.",
    panel: 'threadPoolWork',
    runbook: 'thread-pool-saturated',
  },
  {
    name: 'LoopsightLockHeld',
    severity: 'ticket',
    needs: [METRICS.lockHoldDuration],
    expr: (e) => `${longest(e, METRICS.lockHoldDuration, WINDOW_S, [LABELS.lock])} > ${e.options.lockHoldS}`,
    forS: 0,
    keepFiringS: 10 * MINUTE_S,
    summary: () => `Lock {{ $labels.${LABELS.lock} }} of {{ $labels.job }} was held for up to ${TIME}.`,
    description: 'Whatever needs the lock waits meanwhile: look for an await inside of it that calls another service.',
    panel: 'longestHold',
    runbook: 'lock-held',
  },
];

function sum(e: Expressions, metric: MetricDefinition, labels: readonly string[]): string {
  return e.by('sum', labels, e.series(metric));
}
