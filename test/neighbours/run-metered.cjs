// An application whose SDK exports what we record by OTLP, cumulative and delta, and to Prometheus, all at once.
const http = require('node:http');
const { once } = require('node:events');
const { performance } = require('node:perf_hooks');
const { Worker } = require('node:worker_threads');

const ROUNDS = 3;

/** `VIEWS=on` gives the provider views; prints what arrived and what was true. */
async function runMetered(load) {
  const sdk = load('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter, AggregationTemporalityPreference } = load('@opentelemetry/exporter-metrics-otlp-http');
  const { PrometheusExporter, PrometheusSerializer } = load('@opentelemetry/exporter-prometheus');
  const { registerInstrumentations } = load('@opentelemetry/instrumentation');
  const { getLoopsightInstrumentations, queueMonitor, traced } = load('loopsight');

  const received = { cumulative: [], delta: [] };
  const receiver = await startReceiver(received);
  const readerOf = (kind, temporalityPreference) =>
    new sdk.PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({
        url: `http://127.0.0.1:${receiver.address().port}/${kind}`,
        temporalityPreference,
      }),
      exportIntervalMillis: 3_600_000,
    });
  const readers = [
    readerOf('delta', AggregationTemporalityPreference.DELTA),
    readerOf('cumulative', AggregationTemporalityPreference.CUMULATIVE),
  ];
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new sdk.MeterProvider({
    readers: [...readers, prometheus],
    views: process.env.VIEWS === 'on' ? viewsOf(sdk) : [],
  });
  const unload = registerInstrumentations({ meterProvider, instrumentations: [getLoopsightInstrumentations()] });

  const queue = queueMonitor('mail');
  const pending = [];
  const wait = () => new Promise((resolve) => pending.push(resolve));
  const [first, second] = [traced('first', wait), traced('second', wait)];
  const loop = [];
  const texts = [];
  const flush = async () => {
    for (const reader of readers) await reader.forceFlush();
    const { resourceMetrics, errors } = await prometheus.collect();
    if (errors.length > 0) throw errors[0];
    texts.push(new PrometheusSerializer().serialize(resourceMetrics));
  };

  for (let round = 0; round < ROUNDS; round++) {
    // Two calls are in flight while it is flushed, and end in the next round.
    for (const resolve of pending.splice(0)) resolve();
    await new Promise(setImmediate);
    void first();
    void second();
    const task = queue.added();
    task.started();
    task.finished();
    await once(new Worker('', { eval: true, name: 'helper' }), 'exit');
    const before = performance.eventLoopUtilization();
    await flush();
    const after = performance.eventLoopUtilization();
    loop.push([before, after].map(({ active, idle }) => ({ active: active / 1000, idle: idle / 1000 })));
  }
  unload();
  for (const resolve of pending.splice(0)) resolve();
  await new Promise(setImmediate);
  void first();
  await flush();
  await meterProvider.shutdown();
  receiver.close();
  receiver.closeAllConnections();
  console.log(JSON.stringify({ received, texts, loop }));
}

function viewsOf({ AggregationType, createAllowListAttributesProcessor }) {
  return [
    {
      instrumentName: 'loopsight.function.duration',
      name: 'calls',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0.5, 60] } },
    },
    { instrumentName: 'loopsight.function.active', attributesProcessors: [createAllowListAttributesProcessor([])] },
    {
      instrumentName: 'loopsight.queue.tasks',
      attributesProcessors: [createAllowListAttributesProcessor(['queue.name'])],
    },
    { instrumentName: 'loopsight.queue.run.duration', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
    { instrumentName: 'nodejs.eventloop.utilization', aggregation: { type: AggregationType.DROP } },
  ];
}

async function startReceiver(received) {
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    received[request.url.slice(1)].push(JSON.parse(Buffer.concat(chunks).toString()));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

module.exports = { runMetered };
