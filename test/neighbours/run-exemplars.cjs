// A server with an SDK and its instrumentation of HTTP, whose metrics lead to its traces; the same code for 2.x and 3.x.
const { once } = require('node:events');
const { connect } = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');

/** Prints what the endpoint says in OpenMetrics, and all spans, as JSON. */
async function runExemplars(load) {
  const { NodeSDK } = load('@opentelemetry/sdk-node');
  const { InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace');
  const { HttpInstrumentation } = load('@opentelemetry/instrumentation-http');
  const { queueMonitor, start, traced } = load('loopsight');

  let onStall;
  const loopsight = start({ port: 0, log: false, onStall: (report) => onStall?.(report) });
  const exporter = new InMemorySpanExporter();
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    logRecordProcessors: [],
    metricReaders: [],
    autoDetectResources: false,
    // 0 drops the span and what is below it, 2 samples it.
    sampler: {
      shouldSample: (_context, _traceId, _name, _kind, attributes) => ({
        decision: String(attributes['url.path'] ?? attributes['http.target']).startsWith('/unsampled') ? 0 : 2,
      }),
      toString: () => 'by path',
    },
    instrumentations: [new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true })],
  });
  sdk.start();
  const http = load('node:http');

  const queue = queueMonitor('mail');
  const failures = new Map();
  const priceOrders = traced('priceOrders', function priceOrders() {
    // So long that a probe of the lag, of which there are 20 a second, is due meanwhile.
    for (const endMs = Date.now() + 600; Date.now() < endMs; );
  });
  let kept;
  let task;
  let server;
  // Each answers with a status of its own, so that each has a series of its own.
  const routes = {
    '/fast': (response) => response.writeHead(200).end(),
    '/slow': async (response) => {
      await delay(300);
      response.writeHead(200).end();
    },
    '/unsampled': (response) => response.writeHead(203).end(),
    '/kept': (response) => {
      kept = response;
      server.emit('kept');
    },
    '/giving': (response) => {
      kept.writeHead(206).end();
      response.writeHead(207).end();
    },
    '/first': async (response) => {
      await delay(100);
      response.writeHead(208).end();
    },
    '/second': (response) => response.writeHead(226).end(),
    '/left': () => server.emit('left'),
    '/adds': (response) => {
      task = queue.added();
      response.writeHead(202).end();
    },
    '/runs': (response) => {
      task.started();
      task.finished();
      response.writeHead(205).end();
    },
    '/stalls': (response) => {
      priceOrders();
      response.writeHead(201).end();
    },
  };
  server = http.createServer((request, response) => {
    Promise.resolve(routes[request.url](response)).catch((error) => failures.set(request.url, String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const get = (path) => fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.text());
  const send = (...paths) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    return socket;
  };

  for (const path of ['/fast', '/slow', '/unsampled', '/adds', '/runs']) await get(path);
  const isKept = once(server, 'kept');
  const keptAnswer = get('/kept');
  await isKept;
  await get('/giving');
  await keptAnswer;
  const pipelined = send('/first', '/second');
  let answers = '';
  for await (const chunk of pipelined) {
    answers += chunk;
    if (answers.includes(' 226 ')) break;
  }
  pipelined.destroy();
  const isThere = once(server, 'left');
  const leaving = send('/left');
  await isThere;
  leaving.destroy();

  // The loop is watched once it has turned, and a busy machine may stall it for longer than the call does.
  await delay(300);
  const reported = new Promise((resolve) => {
    onStall = (report) => report.span !== undefined && report.culprit?.function === 'priceOrders' && resolve();
  });
  while (
    (await Promise.race([get('/stalls').then(() => delay(1000)), reported.then(() => 'reported')])) !== 'reported'
  );

  const { url } = await loopsight.endpoint;
  const isComplete = (text) => ['aborted', 'stalls_total', '="226"'].every((part) => text.includes(part));
  let text = '';
  while (!isComplete(text)) {
    text = await (await fetch(url, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } })).text();
  }
  server.close();
  server.closeAllConnections();
  const spans = exporter.getFinishedSpans().map((span) => {
    const { traceId, spanId } = span.spanContext();
    return { name: span.name, path: span.attributes['url.path'] ?? span.attributes['http.target'], traceId, spanId };
  });
  await sdk.shutdown();
  await loopsight.stop();
  console.log(JSON.stringify({ text, spans, failures: [...failures] }));
}

module.exports = { runExemplars };
