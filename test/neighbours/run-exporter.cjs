// A made-up application with every kind of instrument and with views, read by our exporter and by OpenTelemetry's at once.
const http = require('node:http');
const { once } = require('node:events');

/** `OBSERVER=off` serves from the main thread. Prints what each exporter answers, and whether the port is free at the end. */
async function runExporter({ sdk, stock, ours }) {
  const observer = process.env.OBSERVER !== 'off';
  const theirs = new stock.PrometheusExporter({ preventServerStart: true, prefix: 'app' });
  const alike = new ours.PrometheusExporter({ port: 0, observer, prefix: 'app', withoutUnits: true });
  const called = [];
  const plain = new ours.PrometheusExporter(
    { port: 0, observer, endpoint: 'own/path', withResourceConstantLabels: /^telemetry\.sdk\.(name|language)$/ },
    (...args) => called.push(args),
  );
  const bare = new ours.PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
    withoutCreated: true,
  });
  const provider = new sdk.MeterProvider({ readers: [theirs, alike, plain, bare], views: viewsOf(sdk) });
  const stop = record(provider);

  const servers = [];
  const serve = async (handler) => {
    const server = http.createServer(handler).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}/`;
  };
  const { url } = await alike.endpoint;
  const own = await plain.endpoint;
  const read = async (from, init) => {
    const response = await fetch(from, init);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
  // A scrape that finds the main thread busy is answered without its figures.
  const readFigures = async (from, init) => {
    for (;;) {
      const answer = await read(from, init);
      if (answer.text.includes('already_')) return answer;
    }
  };
  const openMetrics = { headers: { accept: 'application/openmetrics-text; version=1.0.0' } };
  const bareUrl = await serve((request, response) => bare.getMetricsRequestHandler(request, response));
  const result = {
    called,
    path: new URL(own.url).pathname,
    stock: await read(await serve((request, response) => theirs.getMetricsRequestHandler(request, response))),
    alike: await readFigures(url),
    handler: await read(await serve((request, response) => alike.getMetricsRequestHandler(request, response))),
    plain: await readFigures(own.url),
    openMetrics: await readFigures(own.url, openMetrics),
    bare: await read(bareUrl),
    bareOpenMetrics: await read(bareUrl, openMetrics),
    elsewhere: await read(new URL('/metrics', own.url)),
  };
  stop();
  for (const server of servers) server.close();
  await provider.shutdown();
  const again = http.createServer().listen(new URL(url).port, '127.0.0.1');
  await once(again, 'listening');
  again.close();
  result.freed = true;
  process.stdout.write(JSON.stringify(result));
}

function viewsOf({ AggregationType, createAllowListAttributesProcessor }) {
  return [
    { instrumentName: 'viewed.*', attributesProcessors: [createAllowListAttributesProcessor(['kept'])] },
    {
      instrumentName: 'bucketed',
      name: 'bucketed.anew',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 10] } },
    },
    { instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
    { instrumentName: 'dropped', aggregation: { type: AggregationType.DROP } },
    {
      instrumentName: 'levels',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [-1, 0, 1] } },
    },
    { instrumentName: 'limited', aggregationCardinalityLimit: 4 },
  ];
}

function record(provider) {
  const shop = provider.getMeter('shop', '1.2.3', { schemaUrl: 'https://example.org/schema' });
  const other = provider.getMeter('other');
  const attributes = { 'http.route': '/a "b" \\ \n', ok: true, status: 200, tags: ['x', 'y'], empty: '' };

  const orders = shop.createCounter('orders', { unit: '{order}', description: 'Orders "taken"\nso far \\.' });
  for (let i = 0; i < 5; i++) orders.add(i + 0.5, { ...attributes, shop: `${i % 3}` });
  shop.createCounter('already_total', { unit: 'By' }).add(7);
  const duration = shop.createHistogram('http.server.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.1, 1] },
  });
  for (const value of [0.001, 0.005, 0.05, 3, 1e6]) duration.record(value, attributes);
  const defaults = shop.createHistogram('default.buckets', { unit: 'ms' });
  for (const value of [0, 5, 12.25, 1e9]) defaults.record(value);
  const active = shop.createUpDownCounter('active', { unit: '{request}' });
  active.add(5, { on: 'a' });
  active.add(-8, { on: 'a' });
  shop.createGauge('temperature', { unit: 'Cel' }).record(-3.5, { in: 'cellar' });
  shop.createGauge('share', { unit: '1' }).record(0.25);
  const odd = shop.createGauge('odd.values');
  for (const [name, value] of Object.entries({
    nan: Number.NaN,
    inf: Infinity,
    less: -Infinity,
    zero: -0,
    tiny: 5e-324,
  })) {
    odd.record(value, { name });
  }
  const levels = shop.createUpDownCounter('levels');
  for (const value of [-5, 0.5, 7]) levels.add(value);
  const viewed = shop.createCounter('viewed.requests');
  for (let i = 0; i < 6; i++) viewed.add(1, { kept: `${i % 2}`, left: `${i}` });
  const bucketed = shop.createHistogram('bucketed');
  for (const value of [0.5, 5, 50]) bucketed.record(value);
  const exponential = shop.createHistogram('exponential');
  for (const value of [0, 0.3, 3, 3.5, 5]) exponential.record(value);
  shop.createCounter('dropped').add(1);
  const limited = shop.createCounter('limited');
  for (let i = 0; i < 10; i++) limited.add(1, { i });
  // The same name in another scope, and one name with two types.
  other.createCounter('orders', { unit: '{order}', description: 'Orders "taken"\nso far \\.' }).add(100);
  const collide = shop.createCounter('collide');
  collide.add(1, { 'a.b': 'dot', a_b: 'underscore' });

  const observed = new Map([
    [shop.createObservableCounter('seen', { unit: 's' }), 12.5],
    [shop.createObservableUpDownCounter('depth'), -2],
    [shop.createObservableGauge('level'), 0.1],
  ]);
  const observables = [...observed.keys()];
  const callback = (result) => {
    for (const [observable, value] of observed) result.observe(observable, value, { by: 'callback' });
  };
  shop.addBatchObservableCallback(callback, observables);
  const late = shop.createObservableGauge('late');
  late.addCallback(async (result) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    result.observe(1);
  });
  return () => shop.removeBatchObservableCallback(callback, observables);
}

module.exports = { runExporter };
