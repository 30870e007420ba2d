// OpenTelemetry's runtime metrics with the Prometheus exporter; in this folder because its packages are.
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export const exporter = new PrometheusExporter({ port: 0, host: '127.0.0.1' });
new RuntimeNodeInstrumentation().setMeterProvider(new MeterProvider({ readers: [exporter] }));
