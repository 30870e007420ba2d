// `loopsight/exporter`: an exporter for applications that run an OpenTelemetry SDK. It alone needs the SDK to be installed.

export {
  type ExporterConfig,
  PrometheusExporter,
  type PrometheusExporterOptions,
} from './exporter/prometheus-exporter.js';
export type { Endpoint } from './observer/messages.js';
export type { TranslationStrategy } from './prometheus/translation.js';
