// Queues: depth, running tasks, capacity and oldest age, read at collection from every monitored queue.
import type { MonitorDefinition } from '../../src/instrumentation.js';
import { watchLibraries } from '../../src/loading/watch-libraries.js';
import { ATTRIBUTES, METRICS } from '../../src/metric-names.js';
import type { BoundObservation, Recorder } from '../../src/recorder/recorder.js';
import { addSink, type QueueReading, type QueueSource, sharedState } from '../../src/shared-state.js';
import { QUEUE_LIBRARIES } from './libraries.js';
import { QUEUE_SINKS } from './queue-series.js';
import { startStreams } from './streams.js';

export { type MonitoredQueue, type MonitorQueueOptions, monitorQueue } from './monitor-queue.js';
export { type MonitoredStream, monitorStream } from './monitor-stream.js';
export { type QueueMonitor, type QueueMonitorOptions, type QueueTask, queueMonitor } from './queue-monitor.js';

const GAUGES = [METRICS.queueDepth, METRICS.queueRunning, METRICS.queueCapacity, METRICS.queueOldestAge] as const;

type BoundGauges = readonly BoundObservation[];

/**
 * Records every queue that `monitorQueue` and `queueMonitor` were given, every stream of `monitorStream`, before or after
 * its start, and the queues and pools of libraries, which are found when they are loaded.
 */
export const queuesMonitor: MonitorDefinition = {
  name: 'queues',
  start(context) {
    const { recorder, report } = context;
    const streams = startStreams(context);
    const { queues } = sharedState();
    const removeSink = addSink(QUEUE_SINKS, recorder);
    const libraries = watchLibraries(QUEUE_LIBRARIES, report);
    const refreshAll = () => {
      for (const queue of queues) queue.refresh();
    };
    refreshAll();
    // An instrument that is created during a collection would miss it; this creates it without a series.
    for (const gauge of GAUGES) recorder.observation(gauge).release();

    let bound = new Map<string, BoundGauges>();
    const undoCollect = recorder.onCollect(() => {
      const totals = addUp(queues, report);
      const next = new Map<string, BoundGauges>();
      for (const [key, { source, reading }] of totals) {
        const gauges = bound.get(key) ?? bindGauges(recorder, source);
        bound.delete(key);
        next.set(key, gauges);
        const values = [reading.depth, reading.running, reading.capacity, reading.oldestAgeMs / 1000];
        for (const [index, gauge] of gauges.entries()) gauge.set(values[index] ?? Number.NaN);
      }
      release(bound);
      bound = next;
    });

    return {
      stop() {
        libraries.stop();
        streams.stop();
        undoCollect();
        removeSink();
        refreshAll();
        release(bound);
        bound = new Map();
      },
    };
  },
};

interface Total {
  readonly source: QueueSource;
  readonly reading: QueueReading;
}

function addUp(queues: Iterable<QueueSource>, report: (cause: string, error: unknown) => void): Map<string, Total> {
  const totals = new Map<string, Total>();
  for (const source of queues) {
    const reading = source.read(report);
    if (reading === undefined) continue;
    const key = JSON.stringify([source.name, source.type]);
    const total = totals.get(key);
    totals.set(key, { source, reading: total === undefined ? reading : merge(total.reading, reading) });
  }
  return totals;
}

// A sum with an unknown part is unknown (NaN); of the ages that are known, the highest counts.
function merge(one: QueueReading, other: QueueReading): QueueReading {
  return {
    depth: one.depth + other.depth,
    running: one.running + other.running,
    capacity: one.capacity + other.capacity,
    oldestAgeMs: Number.isNaN(one.oldestAgeMs)
      ? other.oldestAgeMs
      : Math.max(one.oldestAgeMs, Number.isNaN(other.oldestAgeMs) ? 0 : other.oldestAgeMs),
  };
}

function bindGauges(recorder: Recorder, { name, type }: QueueSource): BoundGauges {
  const attributes = { [ATTRIBUTES.queueName]: name, [ATTRIBUTES.queueType]: type };
  return GAUGES.map((gauge) => recorder.observation(gauge, attributes));
}

function release(bound: ReadonlyMap<string, BoundGauges>): void {
  for (const gauges of bound.values()) for (const gauge of gauges) gauge.release();
}
