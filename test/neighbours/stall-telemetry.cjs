// An application with an SDK of its own whose loop is blocked: what its spans and logs say; the same code for 2.x and 3.x.
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');

/** `PROCESSOR=off` leaves our span processor out. Prints spans, log records and reports as JSON. */
async function stallTelemetry(load) {
  const { NodeSDK } = load('@opentelemetry/sdk-node');
  const { InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace');
  const { HttpInstrumentation } = load('@opentelemetry/instrumentation-http');
  const { SpanKind, trace } = load('@opentelemetry/api');
  const { createBlockedTimeProcessor, start, traced } = load('loopsight');

  const reports = [];
  let onReport = () => {};
  const loopsight = start({
    port: 0,
    log: false,
    onStall(report) {
      reports.push(report);
      onReport(report);
    },
  });
  const exporter = new InMemorySpanExporter();
  const records = [];
  const sdk = new NodeSDK({
    spanProcessors: [
      ...(process.env.PROCESSOR === 'off' ? [] : [createBlockedTimeProcessor()]),
      new SimpleSpanProcessor({ exporter }),
    ],
    logRecordProcessors: [
      {
        // Neither line hands out what it keeps in the same form, but these fields are in both.
        onEmit: ({ eventName, severityNumber, body, attributes, spanContext, instrumentationScope }) =>
          records.push({ eventName, severityNumber, body, attributes, spanContext, scope: instrumentationScope.name }),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
    metricReaders: [],
    autoDetectResources: false,
    // A decision by name: 0 drops the span, 2 samples it.
    sampler: {
      shouldSample: (_context, _traceId, name) => ({ decision: name === 'unsampled' ? 0 : 2 }),
      toString: () => 'by name',
    },
    instrumentations: [new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })],
  });
  sdk.start();
  const http = load('node:http');
  const tracer = trace.getTracer('application');

  // Each holds the loop with its own code, because the innermost function is to blame.
  function warmUp() {
    for (const endMs = Date.now() + 200; Date.now() < endMs; );
  }
  function priceOrders() {
    for (const endMs = Date.now() + 400; Date.now() < endMs; );
  }
  function reindex() {
    for (const endMs = Date.now() + 250; Date.now() < endMs; );
  }
  function importCatalogue() {
    for (const endMs = Date.now() + 1200; Date.now() < endMs; );
  }
  const renderInvoice = traced('renderInvoice', function renderInvoice() {
    for (const endMs = Date.now() + 250; Date.now() < endMs; );
  });

  /** Runs `act`, which stalls the loop in `culprit`, until that was reported: a busy machine may stall it in between. */
  async function stalled(culprit, act) {
    for (let attempt = 0; attempt < 15; attempt++) {
      const count = reports.length;
      const reported = new Promise((resolve) => {
        onReport = () => resolve();
      });
      await act();
      await reported;
      if (reports.slice(count).some((report) => report.culprit?.function === culprit)) return;
    }
    throw new Error(`no report of ${culprit}`);
  }

  let release;
  const server = http.createServer(async (request, response) => {
    if (request.url.startsWith('/waiting')) {
      await new Promise((resolve) => {
        release = resolve;
        server.emit('in flight');
      });
    } else priceOrders();
    response.end('done');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const get = (path) =>
    fetch(`http://127.0.0.1:${server.address().port}${path}?token=secret`).then((answer) => answer.text());

  // The loop is watched from its second turn on; what holds it before is its start.
  while (!reports.some((report) => report.culprit?.function === 'warmUp')) {
    warmUp();
    await delay(300);
  }
  tracer.startSpan('before').end();

  await stalled('priceOrders', async () => {
    const inFlight = once(server, 'in flight');
    const waiting = get('/waiting');
    await inFlight;
    await get('/orders/4711');
    release();
    await waiting;
  });
  await stalled('priceOrders', () => get('/orders/4712'));

  const unaffected = tracer.startSpan('unaffected');
  await delay(5);
  unaffected.end();
  await stalled('renderInvoice', async () => renderInvoice());
  await stalled('reindex', () =>
    tracer.startActiveSpan('unsampled', async (span) => {
      reindex();
      span.end();
    }),
  );
  await stalled('importCatalogue', async () => importCatalogue());

  server.closeAllConnections();
  server.close();
  await loopsight.stop();
  const spans = exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    scope: span.instrumentationScope.name,
    isServer: span.kind === SpanKind.SERVER,
    id: span.spanContext().spanId,
    traceId: span.spanContext().traceId,
    parentId: span.parentSpanContext?.spanId,
    startMs: span.startTime[0] * 1000 + span.startTime[1] / 1e6,
    endMs: span.endTime[0] * 1000 + span.endTime[1] / 1e6,
    attributes: span.attributes,
  }));
  await sdk.shutdown();
  const { failures } = globalThis[Symbol.for('loopsight.v1')];
  console.log(JSON.stringify({ spans, records, reports, failures: [...failures.causes] }));
}

module.exports = { stallTelemetry };
