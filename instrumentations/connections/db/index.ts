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
    for (const [key, { attributes, figures }] of addUp(readAll(), shared)) {
      const gauges = bound.get(key) ?? bindGauges(recorder, attributes);
      bound.delete(key);
      next.set(key, gauges);
      for (const [index, [figure]] of GAUGES.entries()) gauges[index]?.set(figures.get(figure) ?? Number.NaN);
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

type Figure = (typeof GAUGES)[number][0];

interface Total {
  readonly attributes: SeriesAttributes;
  readonly figures: Map<Figure, number>;
}

// Pools with the same attributes share their series. A sum with an unknown part is unknown (NaN); one that somebody else
// counts in the same Meter is no part of it.
function addUp(readings: Iterable<PoolReading>, shared: boolean): Map<string, Total> {
  const totals = new Map<string, Total>();
  for (const reading of readings) {
    const { attributes } = reading;
    const key = JSON.stringify(attributes);
    const total = totals.get(key) ?? { attributes, figures: new Map<Figure, number>() };
    totals.set(key, total);
    for (const [figure] of GAUGES) {
      if (shared && hasTwin(reading, figure)) continue;
      total.figures.set(figure, (total.figures.get(figure) ?? 0) + reading[figure]);
    }
  }
  return totals;
}

function hasTwin({ twin }: PoolReading, figure: Figure): boolean {
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
