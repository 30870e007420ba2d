// Connection pools of databases: how each stands is read at collection; the rest is told by the patches of the libraries.
import type { Monitor, MonitorContext } from '../../../src/instrumentation.js';
import { ATTRIBUTES, METRICS } from '../../../src/metric-names.js';
import type { BoundObservation, Recorder, SeriesAttributes } from '../../../src/recorder/recorder.js';
import { addSink, type PoolReading, sharedState } from '../../../src/shared-state.js';
import { POOL_SINKS } from './pool-series.js';

const GAUGES = [
  ['used', METRICS.dbClientConnectionCount],
  ['idle', METRICS.dbClientConnectionCount],
  ['pending', METRICS.dbClientConnectionPendingRequests],
  ['limit', METRICS.dbClientConnectionLimit],
  ['idleMin', METRICS.dbClientConnectionIdleMin],
  ['idleMax', METRICS.dbClientConnectionIdleMax],
] as const;

type BoundGauges = readonly BoundObservation[];

/** Records every pool that is found, before or after the start. */
export function startPools({ recorder, shared, report }: MonitorContext): Monitor {
  const state = sharedState();
  state.pools ??= new Set();
  const { pools } = state;
  const removeSink = addSink(POOL_SINKS, recorder);
  const refreshAll = () => {
    for (const pool of pools) pool.refresh();
  };
  refreshAll();
  // An instrument that is created during a collection would miss it; this creates it without a series.
  for (const [, metric] of GAUGES) recorder.observation(metric).release();

  let bound = new Map<string, BoundGauges>();
  const undoCollect = recorder.onCollect(() => {
    const next = new Map<string, BoundGauges>();
    for (const [key, reading] of addUp(readAll())) {
      const gauges = bound.get(key) ?? bindGauges(recorder, reading.attributes);
      bound.delete(key);
      next.set(key, gauges);
      for (const [index, [figure]] of GAUGES.entries()) {
        gauges[index]?.set(shared && hasTwin(reading, figure) ? Number.NaN : reading[figure]);
      }
    }
    release(bound);
    bound = next;
  });

  function* readAll(): Iterable<PoolReading> {
    for (const pool of pools) {
      try {
        const reading = pool.read();
        if (reading !== undefined) yield reading;
      } catch (error) {
        report('a connection pool could not be read', error);
      }
    }
  }

  return {
    stop() {
      undoCollect();
      removeSink();
      refreshAll();
      release(bound);
      bound = new Map();
    },
  };
}

function addUp(readings: Iterable<PoolReading>): Map<string, PoolReading> {
  const totals = new Map<string, PoolReading>();
  for (const reading of readings) {
    const key = JSON.stringify(reading.attributes);
    const total = totals.get(key);
    totals.set(key, total === undefined ? reading : merge(total, reading));
  }
  return totals;
}

// A sum with an unknown part is unknown (NaN).
function merge(one: PoolReading, other: PoolReading): PoolReading {
  return {
    attributes: one.attributes,
    used: one.used + other.used,
    idle: one.idle + other.idle,
    pending: one.pending + other.pending,
    limit: one.limit + other.limit,
    idleMin: one.idleMin + other.idleMin,
    idleMax: one.idleMax + other.idleMax,
    twin: {
      connections: one.twin.connections || other.twin.connections,
      pending: one.twin.pending || other.twin.pending,
    },
  };
}

function hasTwin({ twin }: PoolReading, figure: (typeof GAUGES)[number][0]): boolean {
  if (figure === 'pending') return twin.pending;
  return twin.connections && (figure === 'used' || figure === 'idle');
}

function bindGauges(recorder: Recorder, attributes: SeriesAttributes): BoundGauges {
  return GAUGES.map(([figure, metric]) => {
    const state = metric === METRICS.dbClientConnectionCount ? { [ATTRIBUTES.dbClientConnectionState]: figure } : {};
    return recorder.observation(metric, { ...attributes, ...state });
  });
}

function release(bound: ReadonlyMap<string, BoundGauges>): void {
  for (const gauges of bound.values()) for (const gauge of gauges) gauge.release();
}
