require('../run-exporter.cjs').runExporter({
  sdk: require('@opentelemetry/sdk-metrics'),
  stock: require('@opentelemetry/exporter-prometheus'),
  ours: require('loopsight/exporter'),
});
