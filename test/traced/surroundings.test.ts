// Providers that come late, go, or are broken, and recorders that are a Meter: each in a process of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CollectionResult, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { tracedMonitor } from '../../instrumentations/traced/index.js';
import { createInstrumentation } from '../../src/instrumentation.js';
import { traced } from '../../src/traced.js';

for (const fixture of ['no-provider', 'broken-provider']) {
  test(fixture, () => {
    const file = join(import.meta.dirname, 'fixtures', `${fixture}.ts`);
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', file], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(stdout, 'fine\n', stderr);
  });
}

test('an application’s own Meter is told the same', async () => {
  class Reader extends MetricReader {
    protected override async onShutdown(): Promise<void> {}
    protected override async onForceFlush(): Promise<void> {}
  }
  const reader = new Reader();
  const instrumentation = createInstrumentation(tracedMonitor);
  instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }));
  instrumentation.enable();
  const run = traced('metered', (fail: boolean) => {
    if (fail) throw new RangeError('no');
  });
  run(false);
  assert.throws(() => run(true), RangeError);
  const enabled = await reader.collect();
  instrumentation.disable();
  run(false);
  const disabled = await reader.collect();
  const points = (name: string, { resourceMetrics }: CollectionResult) =>
    resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })));
  assert.deepEqual(points('loopsight.function.active', enabled), [
    { attributes: { 'code.function.name': 'metered' }, value: 0 },
  ]);
  assert.deepEqual(
    points('loopsight.function.duration', disabled).map(({ attributes, value }) => [
      attributes,
      Reflect.get(Object(value), 'count'),
    ]),
    [
      [{ 'code.function.name': 'metered' }, 1],
      [{ 'code.function.name': 'metered', 'error.type': 'RangeError' }, 1],
    ],
  );
});
