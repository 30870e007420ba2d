// Preloaded before a program: an application's own SDK, scraped at `SCRAPED_PORT` and pushing OTLP every second.
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { getLoopsightInstrumentations } from 'loopsight';

const sdk = new NodeSDK({
  metricReaders: [
    new PrometheusExporter({ host: '127.0.0.1', port: Number(process.env.SCRAPED_PORT) }),
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis: 1000,
      exportTimeoutMillis: 1000,
    }),
  ],
  instrumentations: [getLoopsightInstrumentations()],
});
sdk.start();
