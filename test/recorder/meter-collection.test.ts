// Collection callbacks in an application's own MeterProvider: they run although nothing is bound yet, and what they bind is seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { METRICS } from '../../src/metric-names.js';
import { createMeterRecorder } from '../../src/recorder/meter.js';
import type { BoundObservation } from '../../src/recorder/recorder.js';

test('a collection callback that binds its first series is called, and its series is collected', async () => {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const failures: unknown[] = [];
  const recorder = createMeterRecorder(meterProvider.getMeter('test'), (_cause, error) => failures.push(error));
  let time: BoundObservation | undefined;
  recorder.onCollect(() => {
    time ??= recorder.observation(METRICS.stdioWriteTime, { 'stdio.stream': 'stdout' });
    time.set(1.5);
  });
  await reader.collect();
  const { resourceMetrics, errors } = await reader.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const found = metrics.filter(({ descriptor }) => descriptor.name === METRICS.stdioWriteTime.name);
  assert.deepEqual(
    found.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value)),
    [1.5],
  );
  assert.deepEqual([errors, failures], [[], []]);
  recorder.close();
  await meterProvider.shutdown();
});
