// Recording one value: our store beside an OpenTelemetry SDK and prom-client. Each side with one label.
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { systemClock } from '../../dist/esm/src/clock.js';
import { LATENCY_BOUNDS_S, METRICS } from '../../dist/esm/src/metric-names.js';
import { createStore } from '../../dist/esm/src/recorder/store.js';
import { answerWith } from './answer.mjs';
import { loopOver, measure } from './measure.mjs';

// Without a reader an SDK keeps nothing and records nothing.
class ManualReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const label = { 'code.function.name': 'work' };
const promLabel = { function: 'work' };
const MASK = 1023;
// All buckets alike, in an order that no branch predictor learns.
const mixed = Float64Array.from({ length: MASK + 1 }, () => {
  const bound = Math.floor(Math.random() * (LATENCY_BOUNDS_S.length + 1));
  return (LATENCY_BOUNDS_S[bound] ?? 60) * 0.9;
});

const store = createStore({ clock: systemClock, report: console.error });
const sum = store.sum(METRICS.queueTasks, { 'queue.name': 'a', 'queue.type': 'b', 'queue.task.state': 'added' });
const gauge = store.observation(METRICS.queueDepth, { 'queue.name': 'a', 'queue.type': 'b' });
const histogram = store.histogram(METRICS.functionDuration, label);

const meter = new MeterProvider({ readers: [new ManualReader()] }).getMeter('bench');
const otelCounter = meter.createCounter('tasks');
const otelGauge = meter.createGauge('depth');
const otelHistogram = meter.createHistogram('duration', {
  advice: { explicitBucketBoundaries: [...LATENCY_BOUNDS_S] },
});

const registers = [new Registry()];
const promCounter = new Counter({ name: 'tasks', help: 'x', labelNames: ['function'], registers });
const promGauge = new Gauge({ name: 'depth', help: 'x', labelNames: ['function'], registers });
const promHistogram = new Histogram({
  name: 'duration',
  help: 'x',
  labelNames: ['function'],
  buckets: [...LATENCY_BOUNDS_S],
  registers,
});
const promChild = promHistogram.labels(promLabel);

const sides = {
  'counter: add': {
    loopsight: () => sum.add(1),
    otel: () => otelCounter.add(1, label),
    prom: () => promCounter.inc(promLabel, 1),
  },
  'gauge: set': {
    loopsight: (i) => gauge.set(i),
    otel: (i) => otelGauge.record(i, label),
    prom: (i) => promGauge.set(promLabel, i),
  },
  'histogram: first bucket': histograms(() => 0.0005),
  'histogram: middle bucket': histograms(() => 0.06),
  'histogram: last bucket': histograms(() => 60),
  'histogram: all buckets, mixed': histograms((i) => mixed[i & MASK]),
};

function histograms(nextValue) {
  return {
    loopsight: (i) => histogram.record(nextValue(i)),
    otel: (i) => otelHistogram.record(nextValue(i), label),
    prom: (i) => promHistogram.observe(promLabel, nextValue(i)),
    promBound: (i) => promChild.observe(nextValue(i)),
  };
}

answerWith({
  async measure(plan) {
    const results = {};
    for (const [operation, variants] of Object.entries(sides)) {
      const loops = Object.fromEntries(Object.entries(variants).map(([side, fn]) => [side, loopOver(fn)]));
      results[operation] = await measure(loops, plan);
    }
    return results;
  },
});
