// Which exporter OpenTelemetry's variables choose; here none is installed, so that the packages are what is missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FoundExporter, findExporter } from '../../src/traces/exporter.js';

const missing = (...endings: readonly string[]): FoundExporter => ({
  missing: endings.map((ending) => `@opentelemetry/exporter-trace-otlp-${ending}`),
});

const CASES: readonly [environment: Record<string, string>, expected: FoundExporter][] = [
  [{}, missing('proto', 'http')],
  [{ OTEL_TRACES_EXPORTER: ' ', OTEL_EXPORTER_OTLP_PROTOCOL: '' }, missing('proto', 'http')],
  [{ OTEL_TRACES_EXPORTER: 'none' }, 'none'],
  [{ OTEL_TRACES_EXPORTER: 'otlp, none' }, 'none'],
  [{ OTEL_TRACES_EXPORTER: 'console, otlp' }, missing('proto', 'http')],
  [
    { OTEL_TRACES_EXPORTER: 'zipkin' },
    { problem: 'OTEL_TRACES_EXPORTER is "zipkin", of which only "otlp" is known here' },
  ],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, missing('http')],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }, missing('grpc')],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, missing('proto')],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' }, { problem: 'there is no OTLP protocol "smoke"' }],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'constructor' }, { problem: 'there is no OTLP protocol "constructor"' }],
];

for (const [environment, expected] of CASES) {
  test(JSON.stringify(environment), () => assert.deepEqual(findExporter(environment), expected));
}
