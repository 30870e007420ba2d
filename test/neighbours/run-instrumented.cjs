// An application that gives our instrumentations to the SDK that it runs; the same code for the 2.x and 3.x lines.
const { setTimeout: delay } = require('node:timers/promises');
const { describeMetrics } = require('./describe-telemetry.cjs');
const { runShop } = require('./shop.cjs');

const SETUPS = {
  // The MeterProvider is handed over with the instrumentations.
  'register-instrumentations'(load, instrumentations, reader) {
    const { MeterProvider } = load('@opentelemetry/sdk-metrics');
    const { registerInstrumentations } = load('@opentelemetry/instrumentation');
    const meterProvider = new MeterProvider({ readers: [reader] });
    const unload = registerInstrumentations({ meterProvider, instrumentations });
    return async () => {
      unload();
      await meterProvider.shutdown();
    };
  },
  'node-sdk'(load, instrumentations, reader) {
    const { NodeSDK } = load('@opentelemetry/sdk-node');
    const sdk = new NodeSDK({
      metricReaders: [reader],
      spanProcessors: [],
      logRecordProcessors: [],
      autoDetectResources: false,
      instrumentations,
    });
    sdk.start();
    return () => sdk.shutdown();
  },
};

/** `SETUP` is a key of SETUPS; `OURS` is `first` or `last` beside @opentelemetry/instrumentation-http, or `alone`. */
async function runInstrumented(load) {
  const { HttpInstrumentation } = load('@opentelemetry/instrumentation-http');
  const { PrometheusExporter, PrometheusSerializer } = load('@opentelemetry/exporter-prometheus');
  const { getLoopsightInstrumentations } = load('loopsight');
  const ours = getLoopsightInstrumentations();
  const instrumentations = {
    first: () => [ours, new HttpInstrumentation()],
    last: () => [new HttpInstrumentation(), ours],
    alone: () => [ours],
  }[process.env.OURS]();
  const reader = new PrometheusExporter({ preventServerStart: true });
  const end = SETUPS[process.env.SETUP](load, instrumentations, reader);

  const answers = await runShop(load('express'));
  // The lag of the loop is there after the first probe.
  let collected = await reader.collect();
  while (!JSON.stringify(collected.resourceMetrics).includes('loopsight.eventloop.lag')) {
    await delay(20);
    collected = await reader.collect();
  }
  const text = new PrometheusSerializer().serialize(collected.resourceMetrics);
  const { errors } = collected;
  await end();
  console.log(
    JSON.stringify({
      answers,
      errors: errors.map(String),
      metrics: describeMetrics([collected.resourceMetrics]),
      text,
    }),
  );
}

module.exports = { runInstrumented };
