// A real Prometheus keeps the exemplars, and the traces that they lead to are those that were exported.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startInstrumented } from '../support/instrumented.js';
import { installNeighbours } from '../support/neighbours.js';
import { type PrometheusExemplar, requirePrometheus, startPrometheus } from '../support/prometheus.js';
import { type Export, startReceiver } from '../traces/otlp-receiver.js';

const REQUESTS = 'http_server_request_duration_seconds_bucket';
const FUNCTIONS = 'loopsight_function_duration_seconds_bucket';
const STALLS = 'loopsight_eventloop_stall_duration_seconds_bucket';
/** A busy machine may stall the loop in the code of others. */
const OWN_STALLS = 'loopsight_eventloop_stalls_total{code_function_name="priceOrders"}';
const WAIT_MS = 60_000;
const SLOW = ['waitForStock', 'priceOrders'];

test('query_exemplars returns traces that the exporter sent, and the slow bucket the slow trace', async (t) => {
  const neighbour = await installNeighbours('otel2');
  if ('missing' in neighbour) return t.skip(neighbour.missing);
  if (!requirePrometheus(t)) return;
  await using receiver = await startReceiver();
  await using service = await startInstrumented<{ port: number; metricsPort: number }>(
    join('..', 'neighbours', 'otel2', 'served.cjs'),
    {
      LOOPSIGHT_TRACES: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      LOOPSIGHT_LOG: 'off',
    },
    ['--import', join(neighbour.folder, 'node_modules/loopsight/dist/esm/src/register.js')],
  );
  const { port, metricsPort } = service.said;
  await using prometheus = await startPrometheus(
    `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: service
    static_configs: [{ targets: ["127.0.0.1:${metricsPort}"] }]
`,
    ['--enable-feature=exemplar-storage'],
  );
  const sent = () =>
    receiver.received.flatMap(({ body }) =>
      (JSON.parse(body.toString()) as Export).resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans),
      ),
    );

  // Stalls are told of once the loop is watched; requests go on until each kind was seen.
  const selectors = [REQUESTS, FUNCTIONS, OWN_STALLS, STALLS];
  let found: readonly PrometheusExemplar[][] = [];
  const isComplete = () =>
    found.length > 0 &&
    found.every((exemplars) => exemplars.length > 0) &&
    found.flat().every(({ labels }) => sent().some(({ traceId }) => traceId === labels.trace_id));
  for (const endMs = performance.now() + WAIT_MS; !isComplete() && performance.now() < endMs; await wait(200)) {
    for (const path of ['/fast', '/slow', '/stall']) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    found = await Promise.all(selectors.map((selector) => prometheus.exemplars(selector).catch(() => [])));
  }

  const spans = sent();
  for (const [index, exemplars] of found.entries()) {
    assert.ok(exemplars.length > 0, `${selectors[index]} has no exemplars`);
    for (const { series, labels, value } of exemplars) {
      const span = spans.find(({ traceId, spanId }) => traceId === labels.trace_id && spanId === labels.span_id);
      assert.ok(span, `${series.__name__} leads to ${labels.trace_id} ${labels.span_id}, which was not exported`);
      assert.ok(
        series.le === undefined || series.le === '+Inf' || value <= Number(series.le),
        `${value} is beyond ${series.le}`,
      );
    }
  }
  const nameOf = ({ labels }: PrometheusExemplar) => spans.find(({ spanId }) => spanId === labels.span_id)?.name;
  const [requests = [], functions = [], stalls = [], lengths = []] = found;
  assert.deepEqual([...new Set(requests.map(nameOf))], ['handle']);
  for (const { labels, value } of requests) {
    const isSlow = spans.some(({ traceId, name }) => traceId === labels.trace_id && SLOW.includes(name));
    assert.ok(value > 0.29 || !isSlow, `the trace of a slow request stands at ${value} s`);
  }
  for (const exemplar of stalls) assert.equal(nameOf(exemplar), 'priceOrders');
  assert.ok(lengths.map(nameOf).includes('priceOrders'));
  for (const exemplar of functions) assert.equal(nameOf(exemplar), exemplar.series.code_function_name);
});
