// Backend 2 of the recorder: instruments in the Meter that an application hands us.
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  MetricOptions,
  Observable,
} from '@opentelemetry/api';
import type { MetricDefinition } from '../metric-names.js';
import type { BoundObservation, BoundSum, Recorder } from './recorder.js';

/** A recorder over a Meter; `close` ends its observations. */
export interface MeterRecorder extends Recorder {
  close(): void;
}

/** A value that is observed at each collection. */
interface Observation {
  readonly observable: Observable;
  readonly attributes: Attributes;
  value: number;
}

/** A value that several bindings add to. */
interface Total {
  readonly observation: Observation;
  bindings: number;
}

/** Creates a recorder whose instruments belong to `meter`; failures of collection callbacks go to `report`. */
export function createMeterRecorder(meter: Meter, report: (cause: string, error: unknown) => void): MeterRecorder {
  const collectors = new Set<() => void>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const observables = new Map<string, Observable>();
  const observations = new Set<Observation>();
  const totals = new Map<string, Total>();

  // A batch callback has to be registered for its instruments by name, so it is registered anew when one is added.
  const collect: BatchObservableCallback = (result) => {
    for (const collector of collectors) {
      try {
        collector();
      } catch (error) {
        report('a collection callback failed', error);
      }
    }
    for (const { observable, attributes, value } of observations) {
      if (!Number.isNaN(value)) result.observe(observable, value, attributes);
    }
  };

  function observableOf(definition: MetricDefinition): Observable {
    let observable = observables.get(definition.name);
    if (observable === undefined) {
      observable = createObservable(meter, definition);
      if (observables.size > 0) meter.removeBatchObservableCallback(collect, [...observables.values()]);
      observables.set(definition.name, observable);
      meter.addBatchObservableCallback(collect, [...observables.values()]);
    }
    return observable;
  }

  // What goes up and down is added up here and observed at collection: an addition in the SDK costs some 300 ns, twice a call.
  function bindTotal(definition: MetricDefinition, attributes: Attributes): BoundSum {
    const key = JSON.stringify([definition.name, ...Object.entries(attributes).sort()]);
    const total = remembered(totals, key, () => {
      const observation = { observable: observableOf(definition), attributes, value: 0 };
      observations.add(observation);
      return { observation, bindings: 0 };
    });
    total.bindings++;
    let released = false;
    return {
      add(value) {
        if (!released) total.observation.value += value;
      },
      release() {
        if (released) return;
        released = true;
        if (--total.bindings > 0) return;
        observations.delete(total.observation);
        totals.delete(key);
      },
    };
  }

  return {
    sum(definition, attributes = {}) {
      if (definition.kind !== 'counter') return bindTotal(definition, attributes);
      const instrument = remembered(counters, definition.name, () =>
        meter.createCounter(definition.name, optionsOf(definition)),
      );
      let released = false;
      return {
        add(value) {
          if (!released) instrument.add(value, attributes);
        },
        release() {
          released = true;
        },
      };
    },
    histogram(definition, attributes = {}) {
      const instrument = remembered(histograms, definition.name, () =>
        meter.createHistogram(definition.name, {
          ...optionsOf(definition),
          advice: { explicitBucketBoundaries: [...(definition.bounds ?? [])] },
        }),
      );
      let released = false;
      return {
        record(value) {
          if (!released) instrument.record(value, attributes);
        },
        release() {
          released = true;
        },
      };
    },
    observation(definition, attributes = {}): BoundObservation {
      const entry = { observable: observableOf(definition), attributes, value: Number.NaN };
      observations.add(entry);
      return {
        set(value) {
          entry.value = value;
        },
        release() {
          observations.delete(entry);
        },
      };
    },
    onCollect(callback) {
      const collector = () => callback();
      collectors.add(collector);
      return () => collectors.delete(collector);
    },
    close() {
      if (observables.size > 0) meter.removeBatchObservableCallback(collect, [...observables.values()]);
      collectors.clear();
      observations.clear();
    },
  };
}

function remembered<T>(map: Map<string, T>, key: string, create: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

function optionsOf({ unit, description }: MetricDefinition): MetricOptions {
  return { unit, description };
}

function createObservable(meter: Meter, definition: MetricDefinition): Observable {
  const options = optionsOf(definition);
  if (definition.kind === 'counter') return meter.createObservableCounter(definition.name, options);
  if (definition.kind === 'updowncounter') return meter.createObservableUpDownCounter(definition.name, options);
  return meter.createObservableGauge(definition.name, options);
}
