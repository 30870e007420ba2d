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
const LOCK = [LABELS.lock];
/** From here on a wait for a lock is long: the default of the time after which the log names both sides. */
const LOCK_WAIT_S = 1;

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
    // Each process has slots of its own, and free ones of others are of no use to what waits here.
    expr: (e) => {
      const own = [...e.processLabels, ...QUEUE];
      const on = `on (${e.labels(...own)})`;
      const taken = `${sum(e, METRICS.queueRunning, own)}
  / ${on} ${sum(e, METRICS.queueCapacity, own)} >= ${e.options.poolShare}`;
      const waits = `${e.quantile(0.99, METRICS.queueWaitDuration, WINDOW_S, own)} > ${e.options.poolWaitS}`;
      return e.by('max', QUEUE, `\n  ${taken}\n  and ${on} ${waits}\n`);
    },
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
      const own = [...e.processLabels, ...POOL];
      const on = `on (${e.labels(...own)})`;
      const used = e.series(METRICS.dbClientConnectionCount, { matchers: [`${LABELS.connectionState}="used"`] });
      const taken = `${e.by('sum', own, used)}
  / ${on} ${sum(e, METRICS.dbClientConnectionLimit, own)} >= ${e.options.poolShare}`;
      const waits = `${sum(e, METRICS.dbClientConnectionPendingRequests, own)} > 0`;
      return e.by('max', POOL, `\n  ${taken}\n  and ${on} ${waits}\n`);
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
    needs: [METRICS.threadPoolWait, METRICS.threadPoolOldestAge],
    // The waits of a pool whose threads never come back do not end, and are in no histogram.
    expr: (e) => {
      const own = [...e.processLabels, LABELS.lane];
      const ended = e.quantile(0.99, METRICS.threadPoolWait, WINDOW_S, own);
      const now = e.by('max', own, e.series(METRICS.threadPoolOldestAge));
      return [now, ended].map((wait) => `${wait} > ${e.options.threadPoolWaitS}`).join('\nor ');
    },
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
    needs: [
      METRICS.lockHoldDuration,
      METRICS.lockWaitDuration,
      METRICS.lockLongestHold,
      METRICS.lockWaiters,
      METRICS.lockLongHolds,
    ],
    // A hold that nobody waits for harms nobody, such as that of who leads; one that does not end is in no histogram.
    expr: (e) => {
      const own = [...e.processLabels, ...LOCK];
      const on = (labels: readonly string[]) => `and on (${e.labels(...labels)})`;
      const ended = `${longest(e, METRICS.lockHoldDuration, WINDOW_S, LOCK)} > ${e.options.lockHoldS}
${on(LOCK)} ${longest(e, METRICS.lockWaitDuration, WINDOW_S, LOCK)} > ${LOCK_WAIT_S}`;
      const now = `${e.by('max', own, e.series(METRICS.lockLongestHold))} > ${e.options.lockHoldS}
  ${on(own)} ${e.by('sum', own, e.series(METRICS.lockWaiters))} > 0
  ${on(own)} ${e.by('sum', own, e.series(METRICS.lockLongHolds))} > 0`;
      return `${ended}\nor ${e.by('max', LOCK, `\n  ${now}\n`)}`;
    },
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
