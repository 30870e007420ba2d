// Many series behind one endpoint: ours (the argument `loopsight`, loaded before), our exporter's, prom-client's or OpenTelemetry's.
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { answerWith } from './answer.mjs';
import { readAnonymousBytes } from './memory.mjs';
import { readMainThreadUs } from './thread-time.mjs';

// 14 bounds make 15 buckets.
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SERIES_PER_METRIC = 500;

const libraries = {
  bare: async () => ({ listen: async () => undefined }),
  async loopsight() {
    const { current } = await import('loopsight');
    const { sinksOf } = await import('../../dist/esm/src/shared-state.js');
    // The store that register runs; the endpoint shows whatever is in it.
    const [store] = sinksOf('traced').recorders;
    const definition = { unit: '1', description: 'A metric of the benchmark', stability: 'stable', attributes: [] };
    return {
      counter: (name) => (labels) => {
        const series = store.sum({ ...definition, name, kind: 'counter' }, labels);
        return () => series.add(1);
      },
      histogram: (name) => (labels) => {
        const series = store.histogram({ ...definition, name, kind: 'histogram', bounds: BOUNDS }, labels);
        return (value) => series.record(value);
      },
      listen: async () => (await current().endpoint).url,
    };
  },
  'prom-client': async () => promClient(await import('prom-client')),
  'prometheus-io': async () => promClient((await import('../peers/prometheus-io.mjs')).default),
  async opentelemetry() {
    const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus');
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const listen = () => serve((request, response) => exporter.getMetricsRequestHandler(request, response));
    return { ...(await instrumentsOf(exporter)), listen };
  },
  exporter: () => ourExporter(true),
  'exporter-here': () => ourExporter(false),
};

async function ourExporter(observer) {
  const { PrometheusExporter } = await import('../../dist/esm/src/exporter.js');
  const exporter = new PrometheusExporter({ port: 0, observer });
  // What the SDK itself takes of a scrape: it never waits here, so that its time is the main thread's.
  const collect = exporter.collect.bind(exporter);
  let collectMs = 0;
  exporter.collect = async (options) => {
    const start = performance.now();
    const collection = await collect(options);
    collectMs += performance.now() - start;
    return collection;
  };
  const listen = async () => (await exporter.endpoint).url;
  return { ...(await instrumentsOf(exporter)), listen, collectMs: () => collectMs };
}

async function instrumentsOf(reader) {
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
  const meter = new MeterProvider({ readers: [reader] }).getMeter('bench');
  const description = 'A metric of the benchmark';
  return {
    counter: (name) => {
      const counter = meter.createCounter(name, { description });
      return (labels) => () => counter.add(1, labels);
    },
    histogram: (name) => {
      const histogram = meter.createHistogram(name, { description, advice: { explicitBucketBoundaries: BOUNDS } });
      return (labels) => (value) => histogram.record(value, labels);
    },
  };
}

function promClient({ Counter, Histogram, register }) {
  const options = (name) => ({ name, help: 'A metric of the benchmark', labelNames: ['item', 'kind'] });
  return {
    counter: (name) => {
      const counter = new Counter(options(name));
      return (labels) => () => counter.inc(labels);
    },
    histogram: (name) => {
      const histogram = new Histogram({ ...options(name), buckets: BOUNDS });
      return (labels) => (value) => histogram.observe(labels, value);
    },
    listen: () => serve(async (_request, response) => response.end(await register.metrics())),
  };
}

function serve(handler) {
  const server = createServer(handler);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/metrics`));
  });
}

const library = await libraries[process.argv[2]]();
const writes = [];

function fill(kind, count) {
  let bind;
  for (let i = 0; i < count; i++) {
    if (i % SERIES_PER_METRIC === 0) bind = library[kind](`bench_${kind}_${i / SERIES_PER_METRIC}`);
    writes.push(bind({ item: `item ${i % SERIES_PER_METRIC}`, kind: 'of the benchmark' }));
  }
}

function usage() {
  const { user, system } = process.cpuUsage();
  const { active } = performance.eventLoopUtilization();
  return {
    cpuUs: user + system,
    mainUs: readMainThreadUs(),
    activeMs: active,
    collectMs: library.collectMs?.() ?? Number.NaN,
  };
}

/** Lets V8's young generation grow to what it is in a process that works: its growth is nobody's doing. */
function churn() {
  const kept = new Array(60_000);
  for (let i = 0; i < 3_000_000; i++) kept[i % kept.length] = { i, text: `${i}` };
}

answerWith({
  listen: () => library.listen(),
  churn,
  fill: ({ counters = 0, histograms = 0 }) => {
    fill('counter', counters);
    fill('histogram', histograms);
  },
  /** Changes every value, or one of so many, and then tells what the process has used so far. */
  write: (every = 1) => {
    for (let i = 0; i < writes.length; i += every) writes[i](Math.random() * 40);
    return usage();
  },
  usage,
  /** The most that was resident at any time, and what is now, in bytes. */
  resident: () => ({ peak: process.resourceUsage().maxRSS * 1024, now: process.memoryUsage.rss() }),
  memory: async (settleMs) => {
    await wait(settleMs);
    globalThis.gc();
    await wait(200);
    globalThis.gc();
    return { rss: process.memoryUsage.rss(), anonymous: readAnonymousBytes() };
  },
});
