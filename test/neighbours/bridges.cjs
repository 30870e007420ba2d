// An application with metrics of its own in a registry of prom-client or @prometheus-io/client, and one bridge to Loopsight.
const cluster = require('node:cluster');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Metrics of every type, and default ones. */
function createMetrics({ Counter, Gauge, Histogram, Summary, collectDefaultMetrics }) {
  collectDefaultMetrics();
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['shop', 'ok'] });
  orders.inc({ shop: 'a "b"\n\\c', ok: true }, 3);
  orders.inc({ shop: 'd' });
  new Counter({ name: 'plain', help: 'A counter without a suffix.' }).inc(2);
  new Gauge({ name: 'app:depth', help: 'Depth.\nOf the queue.' }).set(-1.5);
  const prices = new Histogram({ name: 'price_seconds', help: 'Prices.', labelNames: ['shop'], buckets: [0.1, 1] });
  for (const value of [0.05, 0.5, 3]) prices.observe({ shop: 'a' }, value);
  new Histogram({ name: 'bare_seconds', help: 'Without labels.', buckets: [0.1] }).observe(0.2);
  const sizes = new Summary({ name: 'size_bytes', help: 'Sizes.', labelNames: ['of'], percentiles: [0.5, 0.9] });
  for (const value of [1, 2, 3]) sizes.observe({ of: 'x' }, value);
  // Semantic conventions that Loopsight follows as well: the application's own must stay what it is.
  new Histogram({ name: 'http_server_request_duration_seconds', help: 'Mine.', buckets: [1] }).observe(0.5);
}

const fetchText = async (url, accept = '') => {
  const response = await fetch(url, { headers: { accept } });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};

/** Scrapes until the text has `wanted`: a busy main thread is not waited for, and shown as of the scrape before. */
async function scrapeUntil(url, wanted, accept) {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    const answer = await fetchText(url, accept);
    if (answer.text.includes(wanted) || performance.now() > untilMs) return answer;
  }
}

const programs = {
  /** The registry at our endpoint. */
  async serve({ start, serveRegistry }, client) {
    const { register, Gauge, Counter } = client;
    const stopServing = serveRegistry(register);
    createMetrics(client);
    const loopsight = start({ port: 0, log: false, observer: process.env.OBSERVER !== 'off' });
    const { url } = await loopsight.endpoint;
    const own = await register.metrics();
    const served = await scrapeUntil(url, 'orders_total');
    const openMetrics = await fetchText(url, 'application/openmetrics-text; version=1.0.0');

    let asked = 0;
    new Gauge({ name: 'broken', help: 'Throws.', collect: () => JSON.parse('no') });
    new Gauge({
      name: 'hung',
      help: 'Hangs.',
      collect() {
        asked++;
        return new Promise(() => {});
      },
    });
    const late = new Counter({ name: 'late_total', help: 'Added later.' });
    const tookMs = [];
    for (let scrape = 1; scrape <= 5; scrape++) {
      late.inc();
      const beforeMs = performance.now();
      await fetchText(url);
      tookMs.push(performance.now() - beforeMs);
    }
    const withBroken = (await scrapeUntil(url, 'late_total 5')).text;
    stopServing();
    const untilMs = performance.now() + 10_000;
    let without = withBroken;
    while (without.includes('orders_total') && performance.now() < untilMs) without = (await fetchText(url)).text;
    await loopsight.stop();
    return { own, served, openMetrics, withBroken, asked, tookMs, without };
  },

  /** Exemplars of a registry at our endpoint. */
  async exemplars({ start, serveRegistry }, { Histogram, Registry, openMetricsContentType }) {
    const registry = new Registry(openMetricsContentType);
    const registers = [registry];
    const waits = new Histogram({
      name: 'wait_seconds',
      help: 'Waits.',
      buckets: [1],
      enableExemplars: true,
      registers,
    });
    waits.observe({ value: 0.5, exemplarLabels: { trace_id: 'abc', who: 'me "x"' } });
    serveRegistry(registry);
    const loopsight = start({ port: 0, log: false });
    const { url } = await loopsight.endpoint;
    const own = await registry.metrics();
    const { text } = await scrapeUntil(url, 'wait_seconds', 'application/openmetrics-text; version=1.0.0');
    await loopsight.stop();
    return { own, text };
  },

  /** `LOOPSIGHT_PROM_CLIENT=on` with loopsight/register: the program says nothing of Loopsight but where it asks. */
  async found({ current }, client) {
    createMetrics(client);
    const { url } = await current().endpoint;
    return { text: (await scrapeUntil(url, 'orders_total')).text };
  },

  /** Ours in the registry. */
  async add({ addToRegistry, current, queueMonitor }, client) {
    const { register } = client;
    createMetrics(client);
    const before = await register.metrics();
    const remove = addToRegistry(register);
    addToRegistry(register);
    const task = queueMonitor('mail').added();
    await stall(register);
    const text = await register.metrics();
    const json = await register.getMetricsAsJSON();
    const single = await register.getSingleMetricAsString('loopsight_eventloop_lag_seconds');
    register.setContentType(OPENMETRICS);
    const openMetrics = await register.metrics();
    register.setContentType(client.prometheusContentType);
    const aggregated = await client.AggregatorRegistry.aggregate([json, await register.getMetricsAsJSON()]).metrics();
    register.resetMetrics();
    const afterReset = await register.metrics();
    // The application adds what we showed until now.
    new client.Gauge({ name: 'process_uptime_seconds', help: 'Mine.' }).set(1);
    const afterOwn = await register.metrics();
    task.started();
    register.clear();
    const cleared = await register.metrics();
    const removeAgain = addToRegistry(register);
    const addedAgain = await register.metrics();
    removeAgain();
    const removed = await register.metrics();
    const ran = current() !== undefined;
    remove();
    const runs = current() !== undefined;
    return {
      before,
      text,
      json,
      single,
      openMetrics,
      aggregated,
      afterReset,
      afterOwn,
      cleared,
      addedAgain,
      removed,
      ran,
      runs,
    };
  },

  /** A cluster whose primary joins what its workers tell. */
  async cluster({ addToRegistry }, client) {
    const { AggregatorRegistry, register, Counter } = client;
    const registry = new AggregatorRegistry();
    const orders = new Counter({ name: 'orders_total', help: 'Orders.' });
    if (cluster.isWorker) {
      addToRegistry(register);
      orders.inc(2);
      await register.metrics();
      process.send('ready');
      return undefined;
    }
    const workers = [cluster.fork(), cluster.fork()];
    await Promise.all(
      workers.map((worker) => new Promise((resolve) => worker.on('message', (said) => said === 'ready' && resolve()))),
    );
    const text = await registry.clusterMetrics();
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(workers.map((worker) => (worker.isDead() ? undefined : once(worker, 'exit'))));
    return { text };
  },

  /** A server with a /metrics of its own, as applications have it. */
  async server({ addToRegistry }, client) {
    const { register } = client;
    createMetrics(client);
    addToRegistry(register);
    const server = createServer(async (request, response) => {
      if (request.url !== '/metrics') return void response.end('hello');
      response.setHeader('content-type', register.contentType);
      response.end(await register.metrics());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${server.address().port}`;
    await fetchText(address);
    const { text } = await fetchText(`${address}/metrics`);
    server.close();
    server.closeAllConnections();
    return { text };
  },
};

/** Blocks the loop once it is watched; resolves when the stall is told of, if that is to be. */
async function stall(register) {
  const shown = async (text) => (await register.metrics()).includes(text);
  const untilMs = performance.now() + 20_000;
  while (!(await shown('process_uptime_seconds{')) && performance.now() < untilMs) await delay(50);
  await delay(300);
  blockTheLoop();
  await delay(300);
  if (process.env.LOOPSIGHT_OBSERVER === 'off') return;
  while (!(await shown('"blockTheLoop"')) && performance.now() < untilMs) await delay(50);
}

function blockTheLoop() {
  const untilMs = performance.now() + 500;
  while (performance.now() < untilMs);
}

/** Runs the program that the command line names and prints what it found. */
async function runBridge(loopsight, client) {
  const found = await programs[process.argv[2]](loopsight, client);
  if (found !== undefined) console.log(JSON.stringify(found));
}

module.exports = { runBridge };
