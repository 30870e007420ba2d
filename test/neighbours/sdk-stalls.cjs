// An application that runs the stock Prometheus exporter, or pushes OTLP, and gives our instrumentations to its SDK.
const http = require('node:http');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');

/**
 * `EXPORTER` is `prometheus` or `otlp`; `STARTS=late` starts Loopsight itself afterwards, `STARTS=briefly` stops it again;
 * `PROVIDERS=2` has a second SDK do the same; `WAIT_MS` is the time before the stall. Prints what was exported.
 */
async function runStalls(load) {
  const { getLoopsightInstrumentations, start } = load('loopsight');
  const { registerInstrumentations } = load('@opentelemetry/instrumentation');
  const { MeterProvider } = load('@opentelemetry/sdk-metrics');
  const exported = await EXPORTERS[process.env.EXPORTER](load);
  const meterProvider = new MeterProvider({ readers: [exported.reader] });
  const reports = [];
  const onStall = (report) => reports.push(report.culprit?.function);
  const unload = registerInstrumentations({
    meterProvider,
    instrumentations: getLoopsightInstrumentations({ onStall }),
  });
  const unloadOther =
    process.env.PROVIDERS === '2'
      ? registerInstrumentations({
          meterProvider: new MeterProvider(),
          instrumentations: getLoopsightInstrumentations(),
        })
      : () => {};
  const late = process.env.STARTS === undefined ? undefined : start({ endpoint: false, log: false });
  if (process.env.STARTS === 'briefly') await late.stop();

  await delay(Number(process.env.WAIT_MS ?? 2000));
  const blockedMs = blockTheLoop();
  await delay(600);
  let telemetry = await exported.read();
  // A busy machine has stalls of its own before.
  const blames = process.env.LOOPSIGHT_BLAME !== 'off' && process.env.LOOPSIGHT_OBSERVER !== 'off';
  const wanted = blames ? /eventloop.stalls[\s\S]*blockTheLoop/ : /eventloop.stalls/;
  for (let reads = 0; reads < 150 && !wanted.test(telemetry); reads++) {
    await delay(100);
    telemetry = await exported.read();
  }
  unload();
  unloadOther();
  blockTheLoop();
  await delay(300);
  const afterwards = await exported.read();
  await late?.stop();
  await meterProvider.shutdown();
  exported.close?.();
  console.log(JSON.stringify({ telemetry, afterwards, reports, blockedMs }));
}

const EXPORTERS = {
  async prometheus(load) {
    const { PrometheusExporter } = load('@opentelemetry/exporter-prometheus');
    const reader = new PrometheusExporter({ preventServerStart: true });
    const server = http.createServer((request, response) => reader.getMetricsRequestHandler(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      reader,
      read: async () => (await fetch(`http://127.0.0.1:${server.address().port}/metrics`)).text(),
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
  async otlp(load) {
    const { PeriodicExportingMetricReader } = load('@opentelemetry/sdk-metrics');
    const { OTLPMetricExporter } = load('@opentelemetry/exporter-metrics-otlp-http');
    const received = [];
    const server = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.setHeader('content-type', 'application/json').end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const exporter = new OTLPMetricExporter({ url: `http://127.0.0.1:${server.address().port}/v1/metrics` });
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    return {
      reader,
      async read() {
        await reader.forceFlush();
        return JSON.stringify(received.at(-1));
      },
      close() {
        server.close();
        server.closeAllConnections();
      },
    };
  },
};

function blockTheLoop() {
  const fromMs = performance.now();
  while (performance.now() < fromMs + 700);
  return performance.now() - fromMs;
}

module.exports = { runStalls };
