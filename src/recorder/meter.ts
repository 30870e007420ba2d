// Backend 2 of the recorder: instruments in the Meter that an application hands us.
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  MetricOptions,
  Observable,
  UpDownCounter,
} from '@opentelemetry/api';
import type { MetricDefinition } from '../metric-names.js';
import type { BoundObservation, BoundSum, Recorder } from './recorder.js';

/** A recorder over a Meter; `close` ends its observations. */
export interface MeterRecorder extends Recorder {
  close(): void;
}

/** A value that is observed at each collection; several bindings may set it. */
interface Observation {
  readonly observable: Observable;
  readonly attributes: Attributes;
  value: number;
  bindings: number;
}

/** A value that several bindings add to, and how much of it the SDK was told. */
interface Total {
  readonly instrument: UpDownCounter;
  readonly attributes: Attributes;
  value: number;
  told: number;
  bindings: number;
}

// Never observed, so never exported: a callback needs an instrument to be called for, and some monitors have no observable.
const COLLECTION_HOOK = 'loopsight.self.collection';

/** Creates a recorder whose instruments belong to `meter`; failures of collection callbacks go to `report`. */
export function createMeterRecorder(meter: Meter, report: (cause: string, error: unknown) => void): MeterRecorder {
  const collectors = new Set<() => void>();
  const counters = new Map<string, Counter>();
  const upDownCounters = new Map<string, UpDownCounter>();
  const histograms = new Map<string, Histogram>();
  const observables = new Map<string, Observable>();
  const observations = new Map<string, Observation>();
  const totals = new Map<string, Total>();
  let closed = false;

  // A batch callback has to be registered for its instruments by name, so it is registered anew when one is added.
  const collect: BatchObservableCallback = (result) => {
    for (const collector of collectors) {
      try {
        collector();
      } catch (error) {
        report('a collection callback failed', error);
      }
    }
    for (const { observable, attributes, value } of observations.values()) {
      if (!Number.isNaN(value)) result.observe(observable, value, attributes);
    }
    for (const total of totals.values()) tell(total);
  };

  function collectWith(name: string, create: () => Observable): Observable {
    let observable = observables.get(name);
    if (observable === undefined) {
      observable = create();
      if (observables.size > 0) meter.removeBatchObservableCallback(collect, [...observables.values()]);
      observables.set(name, observable);
      meter.addBatchObservableCallback(collect, [...observables.values()]);
    }
    return observable;
  }

  const hook = () => collectWith(COLLECTION_HOOK, () => meter.createObservableGauge(COLLECTION_HOOK));

  // What goes up and down is added up here and handed over at collection: an addition in the SDK costs some 300 ns, twice
  // a call. It is no observation, because views that drop attributes keep only the last of the observations that they join.
  function bindTotal(definition: MetricDefinition, attributes: Attributes): BoundSum {
    const key = keyOf(definition, attributes);
    const total = remembered(totals, key, () => {
      const instrument = remembered(upDownCounters, definition.name, () =>
        meter.createUpDownCounter(definition.name, optionsOf(definition)),
      );
      hook();
      instrument.add(0, attributes);
      return { instrument, attributes, value: 0, told: 0, bindings: 0 };
    });
    total.bindings++;
    let released = false;
    return {
      add(value) {
        if (!released) total.value += value;
      },
      release() {
        if (released) return;
        released = true;
        if (--total.bindings > 0 || closed) return;
        totals.delete(key);
        withdraw(total);
      },
    };
  }

  return {
    sum(definition, attributes = {}) {
      if (definition.kind !== 'counter') return bindTotal(definition, attributes);
      const instrument = remembered(counters, definition.name, () =>
        meter.createCounter(definition.name, optionsOf(definition)),
      );
      // From 0 on, so that the first addition is an increase.
      instrument.add(0, attributes);
      let released = false;
      return {
        add(value) {
          if (!released && !closed) instrument.add(value, attributes);
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
          // One NaN would make the sum NaN for ever.
          // The span is not handed on: an SDK takes it from the active context, which it reads itself.
          if (!released && !closed && !Number.isNaN(value)) instrument.record(value, attributes);
        },
        exemplify() {},
        release() {
          released = true;
        },
      };
    },
    observation(definition, attributes = {}): BoundObservation {
      const key = keyOf(definition, attributes);
      const entry = remembered(observations, key, () => {
        const observable = collectWith(definition.name, () => createObservable(meter, definition));
        return { observable, attributes, value: Number.NaN, bindings: 0 };
      });
      entry.bindings++;
      let released = false;
      return {
        set(value) {
          if (!released) entry.value = value;
        },
        release() {
          if (released) return;
          released = true;
          if (--entry.bindings === 0) observations.delete(key);
        },
      };
    },
    onCollect(callback) {
      const collector = () => callback();
      collectors.add(collector);
      hook();
      return () => collectors.delete(collector);
    },
    close() {
      if (closed) return;
      closed = true;
      if (observables.size > 0) meter.removeBatchObservableCallback(collect, [...observables.values()]);
      for (const total of totals.values()) withdraw(total);
      totals.clear();
      collectors.clear();
      observations.clear();
    },
  };
}

function tell(total: Total): void {
  const { instrument, attributes, value, told } = total;
  if (value === told) return;
  instrument.add(value - told, attributes);
  total.told = value;
}

// An SDK shows the last value of a series for ever; what is in flight when nobody counts any more must not stay.
function withdraw(total: Total): void {
  total.value = 0;
  tell(total);
}

function keyOf({ name }: MetricDefinition, attributes: Attributes): string {
  return JSON.stringify([name, ...Object.entries(attributes).sort()]);
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
