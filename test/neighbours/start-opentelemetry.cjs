// An application's own NodeSDK with the automatic instrumentations, exporting to memory; the same code for the 2.x and 3.x lines.
const { setTimeout: delay } = require('node:timers/promises');
const { describeMetrics, describeSpans } = require('./describe-telemetry.cjs');

const ALWAYS_THERE = ['nodejs.eventloop.delay.max', 'v8js.gc.duration'];

/** Starts the SDK that `load` (the application's `require`) finds; returns what tells and ends it. */
function startOpenTelemetry(load) {
  const { NodeSDK } = load('@opentelemetry/sdk-node');
  const { getNodeAutoInstrumentations } = load('@opentelemetry/auto-instrumentations-node');
  const { InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace');
  const { AggregationTemporality, InMemoryMetricExporter, PeriodicExportingMetricReader } =
    load('@opentelemetry/sdk-metrics');
  const spans = new InMemorySpanExporter();
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    metricReaders: [reader],
    logRecordProcessors: [],
    autoDetectResources: false,
    instrumentations: [getNodeAutoInstrumentations()],
  });
  sdk.start();
  return {
    async tell() {
      await reader.forceFlush();
      // The delay of the loop is told once Node has sampled it, and garbage collection once there was some.
      while (!ALWAYS_THERE.every((name) => JSON.stringify(metrics.getMetrics().at(-1)).includes(name))) {
        new Array(1_000_000).fill().map(() => ({}));
        await delay(20);
        await reader.forceFlush();
      }
      const told = {
        spans: describeSpans(spans.getFinishedSpans()),
        metrics: describeMetrics(metrics.getMetrics().slice(-1)),
      };
      await sdk.shutdown();
      return told;
    },
  };
}

module.exports = { startOpenTelemetry };
