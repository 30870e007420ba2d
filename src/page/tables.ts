// The rows of the page's tables, from figures: each list bounded, what matters most first.
import { ATTRIBUTES, METRICS } from '../metric-names.js';
import { type Figure, type Figures, type HistogramFigure, labelOf } from '../status/figures.js';
import { mean, quantile } from '../status/quantile.js';
import type { PageFunction, PageQueue, PageThread } from './state.js';

/** Rows of one table. */
export const MAX_ROWS = 50;

const {
  threadName,
  queueName,
  queueType,
  codeFunctionName,
  functionTimeState,
  errorType,
  lockName,
  threadPoolLane,
  dbClientConnectionPoolName,
} = ATTRIBUTES;

/** The threads by name, main first. */
export function threadRows(figures: Figures): PageThread[] {
  const by = [threadName];
  const blocked = lookUp(figures.gauges(METRICS.eventLoopBlocked, by), by);
  const busy = lookUp(figures.gauges(METRICS.eventLoopUtilization, by), by);
  const lags = lookUp(figures.histograms(METRICS.eventLoopLag, by, 1), by);
  const cpu = lookUp(figures.counters(METRICS.threadCpuTime, by, 'interval'), by);
  const heap = lookUp(figures.gauges(METRICS.heapUsed, by), by);
  const limit = lookUp(figures.gauges(METRICS.heapLimit, by), by);
  const workers = lookUp(figures.gauges(METRICS.workers, by), by);
  const names = new Set([...blocked.keys(), ...busy.keys(), ...lags.keys(), ...workers.keys()]);
  return [...names]
    .map((key): PageThread => {
      const lag = lags.get(key);
      return {
        thread: key,
        count: workers.get(key)?.value ?? 1,
        blockedMs: round((blocked.get(key)?.value ?? 0) * 1000),
        lagMeanMs: milliseconds(lag === undefined ? undefined : mean(lag)),
        lagP99Ms: milliseconds(lag === undefined ? undefined : quantile(lag, 0.99)?.value),
        utilization: known(busy.get(key)?.value, 1000),
        cpus: known(perSecond(figures, cpu.get(key)), 1000),
        heapBytes: known(heap.get(key)?.value),
        heapLimitBytes: known(limit.get(key)?.value),
      };
    })
    .filter(({ thread, count }) => thread === 'main' || count > 0)
    .sort((a, b) => Number(b.thread === 'main') - Number(a.thread === 'main') || a.thread.localeCompare(b.thread, 'en'))
    .slice(0, MAX_ROWS);
}

/** Everything that somebody can wait in, the fullest first. */
export function queueRows(figures: Figures): PageQueue[] {
  const rows = [...queues(figures), ...pools(figures), ...locks(figures), ...threadPool(figures)];
  return rows.sort((a, b) => b.waiting - a.waiting || (b.perSecond ?? 0) - (a.perSecond ?? 0)).slice(0, MAX_ROWS);
}

function queues(figures: Figures): PageQueue[] {
  const by = [queueName, queueType];
  const running = lookUp(figures.gauges(METRICS.queueRunning, by), by);
  const capacity = lookUp(figures.gauges(METRICS.queueCapacity, by), by);
  const oldest = lookUp(figures.gauges(METRICS.queueOldestAge, by), by);
  const waits = lookUp(figures.histograms(METRICS.queueWaitDuration, by, 1), by);
  const ended = lookUp(figures.counts(METRICS.queueRunDuration, by, 'interval'), by);
  return figures.gauges(METRICS.queueDepth, by).map((depth): PageQueue => {
    const key = keyOf(depth, by);
    return {
      kind: 'queue',
      name: labelOf(depth, queueName),
      type: labelOf(depth, queueType),
      waiting: depth.value,
      running: known(running.get(key)?.value),
      capacity: known(capacity.get(key)?.value),
      waitMs: waitOf(waits.get(key)),
      oldestMs: milliseconds(oldest.get(key)?.value),
      perSecond: known(perSecond(figures, ended.get(key)), 100),
    };
  });
}

function pools(figures: Figures): PageQueue[] {
  const by = [dbClientConnectionPoolName];
  const { dbClientConnectionState } = ATTRIBUTES;
  const pending = lookUp(figures.gauges(METRICS.dbClientConnectionPendingRequests, by), by);
  const limits = lookUp(figures.gauges(METRICS.dbClientConnectionLimit, by), by);
  const waits = lookUp(figures.histograms(METRICS.dbClientConnectionWaitTime, by, 1), by);
  const uses = lookUp(figures.counts(METRICS.dbClientConnectionUseTime, by, 'interval'), by);
  return figures
    .gauges(METRICS.dbClientConnectionCount, [...by, dbClientConnectionState])
    .filter((one) => labelOf(one, dbClientConnectionState) === 'used')
    .map((used): PageQueue => {
      const key = keyOf(used, by);
      return {
        kind: 'pool',
        name: labelOf(used, dbClientConnectionPoolName),
        type: 'connections',
        waiting: pending.get(key)?.value ?? 0,
        running: used.value,
        capacity: known(limits.get(key)?.value),
        waitMs: waitOf(waits.get(key)),
        oldestMs: null,
        perSecond: known(perSecond(figures, uses.get(key)), 100),
      };
    });
}

function locks(figures: Figures): PageQueue[] {
  const by = [lockName];
  const waits = lookUp(figures.histograms(METRICS.lockWaitDuration, by, 1), by);
  const holds = lookUp(figures.counts(METRICS.lockHoldDuration, by, 'interval'), by);
  const longest = lookUp(figures.gauges(METRICS.lockLongestHold, by), by);
  return figures.gauges(METRICS.lockWaiters, by).map((waiters): PageQueue => {
    const key = keyOf(waiters, by);
    return {
      kind: 'lock',
      name: labelOf(waiters, lockName),
      type: 'lock',
      waiting: waiters.value,
      running: null,
      capacity: null,
      waitMs: waitOf(waits.get(key)),
      oldestMs: milliseconds(longest.get(key)?.value),
      perSecond: known(perSecond(figures, holds.get(key)), 100),
    };
  });
}

function threadPool(figures: Figures): PageQueue[] {
  const by = [threadPoolLane];
  const depths = lookUp(figures.gauges(METRICS.threadPoolDepth, by), by);
  const oldest = lookUp(figures.gauges(METRICS.threadPoolOldestAge, by), by);
  const waits = lookUp(figures.histograms(METRICS.threadPoolWait, by, 1), by);
  const [running] = figures.gauges(METRICS.threadPoolRunning, []);
  return figures.gauges(METRICS.threadPoolSize, by).map((size): PageQueue => {
    const key = keyOf(size, by);
    const lane = labelOf(size, threadPoolLane);
    return {
      kind: 'threads',
      name: lane === 'slow_io' ? 'libuv, slow I/O such as DNS' : 'libuv: files, crypto, compression',
      type: 'thread pool',
      waiting: depths.get(key)?.value ?? 0,
      running: lane === 'slow_io' ? null : known(running?.value),
      capacity: size.value,
      waitMs: waitOf(waits.get(key)),
      oldestMs: milliseconds(oldest.get(key)?.value),
      perSecond: null,
    };
  });
}

/** Traced functions, by their own time. */
export function functionRows(figures: Figures): PageFunction[] {
  const by = [codeFunctionName];
  const active = lookUp(figures.gauges(METRICS.functionActive, by), by);
  const counts = lookUp(figures.counts(METRICS.functionDuration, by, 'interval'), by);
  const failures = new Map<string, number>();
  for (const one of figures.counts(METRICS.functionDuration, [codeFunctionName, errorType], 'interval')) {
    const name = labelOf(one, codeFunctionName);
    if (labelOf(one, errorType) !== '') failures.set(name, (failures.get(name) ?? 0) + one.value);
  }
  const times = lookUp(figures.counters(METRICS.functionTime, [codeFunctionName, functionTimeState], 'interval'), [
    codeFunctionName,
    functionTimeState,
  ]);
  return figures
    .histograms(METRICS.functionDuration, by, 1)
    .map((durations): PageFunction => {
      const name = labelOf(durations, codeFunctionName);
      const calls = counts.get(keyOf(durations, by))?.value ?? 0;
      const failed = failures.get(name) ?? 0;
      const time = (state: string) => round(perSecond(figures, times.get(JSON.stringify([name, state]))) ?? 0, 10_000);
      return {
        function: name,
        active: active.get(keyOf(durations, by))?.value ?? 0,
        callsPerSecond: known(perSecond(figures, { labels: {}, value: calls }), 100),
        meanMs: milliseconds(mean(durations)),
        p99Ms: milliseconds(quantile(durations, 0.99)?.value),
        failedShare: calls > 0 ? round(failed / calls, 1000) : null,
        own: time('own'),
        others: time('others'),
        idle: time('idle'),
        offloaded: time('offloaded'),
      };
    })
    .sort((a, b) => b.own - a.own || (b.callsPerSecond ?? 0) - (a.callsPerSecond ?? 0))
    .slice(0, MAX_ROWS);
}

function lookUp<T extends Pick<Figure, 'labels'>>(figures: readonly T[], by: readonly string[]): Map<string, T> {
  return new Map(figures.map((figure) => [keyOf(figure, by), figure]));
}

// Of one attribute its value, so that rows have it at hand.
function keyOf(figure: Pick<Figure, 'labels'>, by: readonly string[]): string {
  const values = by.map((attribute) => labelOf(figure, attribute));
  return values.length === 1 ? (values[0] ?? '') : JSON.stringify(values);
}

function perSecond({ elapsedS }: Figures, figure: Figure | undefined): number | undefined {
  return figure === undefined || elapsedS === undefined ? undefined : figure.value / elapsedS;
}

// What was waited since the start says little of now, but there may be nothing newer.
function waitOf(waits: HistogramFigure | undefined): number | null {
  return waits === undefined ? null : milliseconds(mean(waits));
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : known(seconds * 1000, 100);
}

function known(value: number | undefined, digits = 1): number | null {
  return value === undefined || !Number.isFinite(value) ? null : round(value, digits);
}

function round(value: number, digits = 10): number {
  return Math.round(value * digits) / digits;
}
