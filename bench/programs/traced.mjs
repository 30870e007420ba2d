// One call of a traced function beside hand-written telemetry. The argument says what is registered in this process:
//   nothing          no SDK, nobody to record to: what a library's traced functions cost an application without telemetry
//   store            no SDK, recorded by our store, as with loopsight/register
//   sdk              an SDK whose spans go nowhere, its MeterProvider records
//   sdk-batch        as before, spans through a BatchSpanProcessor into an exporter that drops them
//   sdk-batch-store  as before, recorded by our store, as with loopsight/register beside an application's SDK
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { getLoopsightInstrumentations, start, traced } from 'loopsight';
import { Gauge, Histogram, Registry } from 'prom-client';
import { LATENCY_BOUNDS_S } from '../../dist/esm/src/metric-names.js';
import { answerWith } from './answer.mjs';
import { awaitOver, loopOver, measure } from './measure.mjs';

const family = process.argv[2];
const hasSdk = family.startsWith('sdk');
const recordsToStore = family.endsWith('store');
let flush;

if (hasSdk) {
  const exporter = {
    export: (_spans, done) => done({ code: 0 }),
    shutdown: async () => {},
    forceFlush: async () => {},
  };
  const processor = new BatchSpanProcessor(exporter);
  const provider = new NodeTracerProvider({ spanProcessors: family === 'sdk' ? [] : [processor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager() });
  // Without a reader a MeterProvider keeps nothing and records nothing.
  class ManualReader extends MetricReader {
    async onForceFlush() {}
    async onShutdown() {}
  }
  const meterProvider = new MeterProvider({ readers: [new ManualReader()] });
  metrics.setGlobalMeterProvider(meterProvider);
  if (!recordsToStore) {
    for (const instrumentation of getLoopsightInstrumentations()) {
      if (instrumentation.instrumentationName !== 'loopsight/traced') continue;
      instrumentation.setMeterProvider(meterProvider);
      instrumentation.enable();
    }
  }
  // A full queue drops spans, which is cheaper than to keep them: it is emptied between chunks.
  if (family !== 'sdk') flush = () => processor.forceFlush();
}
if (recordsToStore) {
  const off = ['event-loop', 'garbage-collection', 'process', 'http', 'queues', 'worker-threads'];
  start({ endpoint: false, instrumentations: Object.fromEntries(off.map((name) => [name, false])) });
}

const tracer = trace.getTracer('bench');
const meter = metrics.getMeter('bench');
const duration = meter.createHistogram('duration', { advice: { explicitBucketBoundaries: [...LATENCY_BOUNDS_S] } });
const active = meter.createUpDownCounter('active');
const label = { 'code.function.name': 'work' };
const errorLabel = { ...label, 'error.type': 'Error' };
const spanOptions = { attributes: label };

const registers = [new Registry()];
const names = { help: 'x', labelNames: ['function'], registers };
const promDuration = new Histogram({ name: 'duration', buckets: [...LATENCY_BOUNDS_S], ...names });
const promActive = new Gauge({ name: 'active', ...names });
const promLabel = { function: 'work' };

// As many copies as there are variants, so that none inherits what V8 learned about another's.
const copy = (fn) => new Function(`return ${fn}; // ${Math.random()}`)();
const sync = () => copy('function work(x) { return x + 1; }');
const async = () => copy('async function work(x) { return x + 1; }');

function fail(span, error) {
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}

function handSync(work) {
  return (x) =>
    tracer.startActiveSpan('work', spanOptions, (span) => {
      const startMs = performance.now();
      let attributes = label;
      try {
        return work(x);
      } catch (error) {
        attributes = errorLabel;
        fail(span, error);
        throw error;
      } finally {
        duration.record((performance.now() - startMs) / 1000, attributes);
        span.end();
      }
    });
}

function handAsync(work) {
  return (x) =>
    tracer.startActiveSpan('work', spanOptions, async (span) => {
      const startMs = performance.now();
      let attributes = label;
      try {
        return await work(x);
      } catch (error) {
        attributes = errorLabel;
        fail(span, error);
        throw error;
      } finally {
        duration.record((performance.now() - startMs) / 1000, attributes);
        span.end();
      }
    });
}

function withActive(instrumented) {
  return (x) => {
    active.add(1, label);
    try {
      return instrumented(x);
    } finally {
      active.add(-1, label);
    }
  };
}

function withActiveAsync(instrumented) {
  return async (x) => {
    active.add(1, label);
    try {
      return await instrumented(x);
    } finally {
      active.add(-1, label);
    }
  };
}

function promSync(work) {
  return (x) => {
    promActive.inc(promLabel, 1);
    const startMs = performance.now();
    try {
      return work(x);
    } finally {
      promDuration.observe(promLabel, (performance.now() - startMs) / 1000);
      promActive.dec(promLabel, 1);
    }
  };
}

function promAsync(work) {
  return async (x) => {
    promActive.inc(promLabel, 1);
    const startMs = performance.now();
    try {
      return await work(x);
    } finally {
      promDuration.observe(promLabel, (performance.now() - startMs) / 1000);
      promActive.dec(promLabel, 1);
    }
  };
}

const kinds = {
  sync: {
    plain: loopOver(sync()),
    traced: loopOver(traced(sync())),
    hand: loopOver(handSync(sync())),
    ...(hasSdk ? { handActive: loopOver(withActive(handSync(sync()))) } : { prom: loopOver(promSync(sync())) }),
  },
  async: {
    plain: awaitOver(async()),
    traced: awaitOver(traced(async())),
    hand: awaitOver(handAsync(async())),
    ...(hasSdk
      ? { handActive: awaitOver(withActiveAsync(handAsync(async()))) }
      : { prom: awaitOver(promAsync(async())) }),
  },
};

// An application traces more than one function, and some of them fail; V8 must not take ours for the only kind.
async function callOthers() {
  const failing = async () => {
    throw new Error('as intended');
  };
  const others = [sync, async, sync, async].map((make, index) => traced(`other ${index}`, make()));
  const otherFailing = traced('failing', failing);
  for (let i = 0; i < 2000; i++) {
    for (const other of others) await other(i);
    if (i % 20 === 0) await otherFailing().catch(() => {});
    if (i % 100 === 0) await flush?.();
  }
}

answerWith({
  async measure({ kind, ...plan }) {
    await callOthers();
    return measure(kinds[kind], { ...plan, ...(hasSdk ? { chunk: 500 } : {}), settle: flush });
  },
});
