// prom-client registries at the exporter of an SDK: from its thread, from the main thread, and at the application's own server.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, runWithoutStalls } from '../support/run-node.js';

const dist = (file: string) => JSON.stringify(join(root, 'dist/esm/src', file));

const PROGRAM = `
  import { createServer } from 'node:http';
  import { MeterProvider } from '@opentelemetry/sdk-metrics';
  import { Counter, Registry } from 'prom-client';
  import { PrometheusExporter } from ${dist('exporter.js')};
  import { serveRegistry } from ${dist('index.js')};
  const registry = new Registry();
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] });
  let undo = serveRegistry(registry);
  const exporter = new PrometheusExporter({ port: 0 });
  const provider = new MeterProvider({ readers: [exporter] });
  provider.getMeter('shop').createCounter('visits').add(3);
  const mounted = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await new Promise((resolve) => mounted.listen(0, '127.0.0.1', resolve));
  const { url } = await exporter.endpoint;
  let count = 0;
  for (const address of [url, 'http://127.0.0.1:' + mounted.address().port]) {
    for (const act of [() => { orders.inc(); return String(++count); }, () => void undo()]) {
      const expected = act();
      let said = [];
      // A scrape waits but so long for the figures of a thread that a busy machine keeps waiting.
      for (let scrape = 0; scrape < 100 && (said[0] !== '3' || said[1] !== expected); scrape++) {
        const text = await (await fetch(address)).text();
        said = [/^visits_total.* (\\d)$/m.exec(text)?.[1], /^orders_total (\\d)$/m.exec(text)?.[1]];
      }
      console.log(...said);
    }
    undo = serveRegistry(registry);
  }
  mounted.close();
  mounted.closeAllConnections();
  await provider.shutdown();
`;

for (const observer of ['on', 'off']) {
  test(`they are served beside the metrics of the SDK, until they no longer are: observer ${observer}`, async () => {
    const { stdout, stderr } = await runWithoutStalls(['--input-type=module', '--eval', PROGRAM], {
      env: { LOOPSIGHT_OBSERVER: observer },
    });
    assert.deepEqual([stdout, stderr], ['3 1\n3 undefined\n3 2\n3 undefined\n', '']);
  });
}
